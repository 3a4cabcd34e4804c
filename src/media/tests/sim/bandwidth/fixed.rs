//! On a link that stays as it is, a receiver has the layer it carries within five seconds and keeps it.

use super::{SECOND, changes, in_every_call, kbit, watched_over_seeded};
use crate::bandwidth::RECEIVER;

fn settles(link_kbit: u64, layer: &'static str) {
    in_every_call(move |seed| settles_once(seed, link_kbit, layer));
}

fn settles_once(seed: u64, link_kbit: u64, layer: &str) {
    let mut world = watched_over_seeded(seed, &[kbit(link_kbit)]);
    world.run(5 * SECOND);
    let before = world.words_so_far(RECEIVER);
    let layers = world.layers_for(RECEIVER, 60 * SECOND);
    assert!(changes(&layers) < 2, "{} changes: {layers:?}", changes(&layers));
    let right = layers.iter().filter(|shown| shown.as_deref() == Some(layer)).count();
    assert!(right * 100 >= layers.len() * 95, "{layer} in {right} of {} looks: {layers:?}", layers.len());
    let (lost, heard) = world.words(RECEIVER, before);
    assert!(lost < 10 && heard > 2_900, "{lost} of a thousand words lost, {heard} heard");
}

#[test]
fn of_150_kbit_the_smallest_layer_is_kept() {
    settles(150, "q");
}

#[test]
fn of_300_kbit_the_smallest_layer_is_kept() {
    settles(300, "q");
}

#[test]
fn of_600_kbit_the_middle_layer_is_kept() {
    settles(600, "h");
}

#[test]
fn of_1_mbit_the_middle_layer_is_kept() {
    settles(1_000, "h");
}

#[test]
fn of_2500_kbit_the_largest_layer_is_kept() {
    settles(2_500, "f");
}

#[test]
fn of_5_mbit_the_largest_layer_is_kept() {
    settles(5_000, "f");
}
