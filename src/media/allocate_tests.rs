//! Tables of what is divided how.

use super::*;
use crate::ladder::ladder;
use crate::source::SourceKind::{Camera, Screen};
use crate::target::LayerFacts;

const KBIT: u64 = 1_000;
const ALL: u8 = Target::ALL;

fn layers(running: [bool; 3]) -> Vec<LayerFacts> {
    let layer = |(height, running)| LayerFacts { running, height, temporals: 3, bps: [0; 4] };
    [180, 360, 720].into_iter().zip(running).map(layer).collect()
}

/// A camera with rungs of 60, 110, 300 and 950 kbit/s.
fn camera(tile: u16) -> Wish {
    Wish { rank: Rank::Other, tile, rungs: ladder(Camera, &layers([true; 3])), has: None, paused: false }
}

/// A screen with rungs of 60, 165, 522, 736 and 950 kbit/s.
fn screen(tile: u16) -> Wish {
    Wish { rank: Rank::Screen, rungs: ladder(Screen, &layers([true; 3])), ..camera(tile) }
}

fn pinned(tile: u16) -> Wish {
    Wish { rank: Rank::Pinned, ..camera(tile) }
}

fn with(kbit: u64, wishes: &[Wish]) -> Allocation {
    allocate(Some(Limits { keep: kbit * KBIT, raise: kbit * KBIT, least: 0, resume: kbit * KBIT }), wishes)
}

/// The layer and temporal layer of each aim.
fn aims(allocation: &Allocation) -> Vec<Option<(usize, u8)>> {
    allocation.shares.iter().map(|share| share.aim.map(|aim| (aim.layer, aim.temporal))).collect()
}

fn has(mut wish: Wish, layer: usize) -> Wish {
    wish.has = Some(Target { layer, temporal: ALL });
    wish
}

#[test]
fn one_camera_gets_the_best_that_fits() {
    let table = [
        (50, None),
        (61, Some((0, 0))),
        (109, Some((0, 0))),
        (110, Some((0, ALL))),
        (299, Some((0, ALL))),
        (300, Some((1, ALL))),
        (949, Some((1, ALL))),
        (950, Some((2, ALL))),
        (9_000, Some((2, ALL))),
    ];
    for (kbit, expected) in table {
        let allocation = with(kbit, &[camera(720)]);
        assert_eq!(aims(&allocation), [expected], "{kbit} kbit/s");
        assert_eq!(allocation.shares[0].paused, expected.is_none(), "{kbit} kbit/s");
    }
}

#[test]
fn before_an_estimate_everyone_seen_gets_the_lowest_rung() {
    let allocation = allocate(None, &[camera(720), screen(720), camera(0)]);
    assert_eq!(aims(&allocation), [Some((0, 0)), Some((0, 0)), None]);
    assert!(allocation.shares.iter().all(|share| !share.paused));
}

#[test]
fn no_more_is_sent_than_the_tile_can_show() {
    for (tile, expected) in [(1, 0), (180, 0), (181, 1), (360, 1), (361, 2), (720, 2), (2_000, 2)] {
        assert_eq!(aims(&with(9_000, &[camera(tile)])), [Some((expected, ALL))], "{tile} pixels");
    }
}

#[test]
fn what_nobody_sees_costs_nothing_and_is_not_paused() {
    let allocation = with(300, &[camera(0), camera(360)]);
    assert_eq!(aims(&allocation), [None, Some((1, ALL))]);
    assert_eq!(allocation.shares[0], Share::default());
    assert_eq!((allocation.spent, allocation.next), (300 * KBIT, None));
}

#[test]
fn equal_tiles_are_served_equally() {
    assert_eq!(aims(&with(1_500, &[camera(720), camera(720)])), [Some((2, ALL)), Some((1, ALL))]);
    assert_eq!(aims(&with(700, &[camera(720), camera(720)])), [Some((1, ALL)), Some((1, ALL))]);
    assert_eq!(aims(&with(300, &[camera(720), camera(720)])), [Some((0, ALL)), Some((0, ALL))]);
    assert_eq!(aims(&with(180, &[camera(720), camera(720)])), [Some((0, ALL)), Some((0, 0))]);
    assert_eq!(aims(&with(100, &[camera(720), camera(720)])), [Some((0, 0)), None]);
}

#[test]
fn the_larger_tile_is_bettered_first() {
    assert_eq!(aims(&with(500, &[camera(360), camera(720)])), [Some((0, ALL)), Some((1, ALL))]);
    assert_eq!(aims(&with(1_300, &[camera(360), camera(720)])), [Some((1, ALL)), Some((2, ALL))]);
}

#[test]
fn a_pinned_camera_is_served_in_full_before_others_are_bettered() {
    assert_eq!(aims(&with(1_050, &[camera(720), pinned(720)])), [Some((0, 0)), Some((2, ALL))]);
}

#[test]
fn a_screen_goes_before_everyone() {
    assert_eq!(aims(&with(1_050, &[pinned(720), screen(720)])), [Some((0, 0)), Some((2, ALL))]);
    assert_eq!(aims(&with(700, &[pinned(720), screen(720)])), [Some((0, ALL)), Some((2, 0))]);
}

/// Every rung costs so much.
fn dear(kbit: u64, mut wish: Wish) -> Wish {
    wish.rungs.iter_mut().for_each(|rung| rung.bps = kbit * KBIT);
    wish
}

#[test]
fn a_screen_goes_without_only_when_it_does_not_fit_by_itself() {
    for kbit in 0..1_000 {
        let allocation = with(kbit, &[camera(360), dear(500, screen(720)), pinned(180)]);
        let [camera, screen, pinned] = [0, 1, 2].map(|place| allocation.shares[place].paused);
        assert_eq!(screen, kbit < 500, "{kbit} kbit/s: {allocation:?}");
        assert!(!pinned || camera, "{kbit} kbit/s: {allocation:?}");
    }
}

#[test]
fn a_screen_that_does_not_fit_is_paused_and_faces_go_on() {
    let pictures = [camera(180), dear(500, screen(720)), pinned(180)];
    for (kbit, expected) in [
        (50, [None, None, None]),
        (61, [None, None, Some((0, 0))]),
        (130, [Some((0, 0)), None, Some((0, 0))]),
        (499, [Some((0, ALL)), None, Some((0, ALL))]),
        (500, [None, Some((2, ALL)), None]),
        (561, [None, Some((2, ALL)), Some((0, 0))]),
        (622, [Some((0, 0)), Some((2, ALL)), Some((0, 0))]),
    ] {
        let allocation = with(kbit, &pictures);
        assert_eq!(aims(&allocation), expected, "{kbit} kbit/s");
        assert!(allocation.shares.iter().all(|share| share.paused == share.aim.is_none()), "and it is said: {kbit} kbit/s");
    }
}

#[test]
fn a_paused_screen_that_fits_again_comes_before_faces_that_were_bettered_meanwhile() {
    let limits = |keep, raise| Some(Limits { keep: keep * KBIT, raise: raise * KBIT, least: 0, resume: raise * KBIT });
    let paused = Wish { paused: true, ..dear(500, screen(720)) };
    let wishes = [paused, has(camera(720), 1)];
    assert_eq!(aims(&allocate(limits(570, 499), &wishes)), [None, Some((1, ALL))], "not before there is room to spare");
    assert_eq!(aims(&allocate(limits(570, 500), &wishes)), [Some((0, 0)), Some((0, 0))]);
}

#[test]
fn a_pinned_picture_that_does_not_fit_takes_nothing_from_the_others() {
    assert_eq!(aims(&with(150, &[camera(180), dear(900, pinned(720)), camera(180)])), [Some((0, 0)), None, Some((0, 0))]);
}

#[test]
fn a_flood_is_paused_before_other_pictures_are_however_large_it_is_drawn() {
    let allocation = with(2_000, &[dear(2_000, camera(720)), camera(360)]);
    assert_eq!(allocation.shares.iter().map(|share| share.paused).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn between_the_limits_nothing_changes() {
    let limits = Some(Limits { keep: 1_000 * KBIT, raise: 800 * KBIT, least: 0, resume: 0 });
    assert_eq!(aims(&allocate(limits, &[camera(720)])), [Some((1, ALL))], "not bettered");
    assert_eq!(aims(&allocate(limits, &[has(camera(720), 2)])), [Some((2, ALL))], "but kept");
    assert_eq!(aims(&allocate(Some(Limits { keep: 900 * KBIT, raise: 0, least: 0, resume: 0 }), &[has(camera(720), 2)])), [Some((1, ALL))]);
}

#[test]
fn a_paused_picture_comes_back_only_with_room_to_spare() {
    let limits = Some(Limits { keep: 70 * KBIT, raise: 60 * KBIT, least: 0, resume: 60 * KBIT });
    let paused = Wish { paused: true, ..camera(720) };
    assert_eq!(aims(&allocate(limits, &[paused])), [None]);
    assert_eq!(aims(&allocate(limits, &[camera(720)])), [Some((0, 0))], "one that comes new is shown");
    let paused = Wish { paused: true, ..camera(720) };
    let tried = Some(Limits { keep: 20 * KBIT, raise: 10 * KBIT, least: 70 * KBIT, resume: 70 * KBIT });
    assert_eq!(aims(&allocate(tried, &[paused])), [Some((0, 0))], "or when it is tried, and then no more than that");
}

#[test]
fn the_smallest_pictures_are_kept_longer_than_what_betters_them() {
    let limits = Some(Limits { keep: 30 * KBIT, raise: 20 * KBIT, least: 130 * KBIT, resume: 20 * KBIT });
    let all = [has(camera(720), 1), camera(720), camera(720)];
    assert_eq!(aims(&allocate(limits, &all)), [Some((0, 0)), Some((0, 0)), None]);
    let paused = Wish { paused: true, ..camera(720) };
    assert_eq!(aims(&allocate(limits, &[paused])), [None], "but one that is paused does not come back for that");
}

#[test]
fn equals_do_not_swap_places() {
    let mut wishes = [camera(720), camera(720)];
    for _ in 0..10 {
        let allocation = with(1_300, &wishes);
        for (wish, share) in wishes.iter_mut().zip(&allocation.shares) {
            wish.has = share.aim;
        }
        assert_eq!(aims(&allocation), [Some((2, ALL)), Some((1, ALL))]);
        wishes.swap(0, 1);
        let swapped = with(1_300, &wishes);
        assert_eq!(aims(&swapped), [Some((1, ALL)), Some((2, ALL))], "who has the better rung keeps it");
        wishes.swap(0, 1);
    }
}

#[test]
fn a_layer_that_does_not_arrive_is_asked_for_and_the_best_that_does_is_shown() {
    let wish = Wish { rungs: ladder(Camera, &layers([true, false, false])), ..camera(720) };
    let share = with(9_000, &[wish]).shares[0];
    assert_eq!((share.aim.unwrap().layer, share.wants.unwrap().layer), (0, 2));
}

#[test]
fn when_only_more_arrives_than_is_needed_it_serves_until_less_does() {
    let wish = Wish { rungs: ladder(Camera, &layers([false, false, true])), ..camera(180) };
    let share = with(9_000, std::slice::from_ref(&wish)).shares[0];
    assert_eq!((share.aim.unwrap().layer, share.wants.unwrap().layer), (2, 0));
    let share = with(400, &[wish]).shares[0];
    assert_eq!((share.aim.unwrap().layer, share.wants.unwrap().layer, share.paused), (0, 0, false), "too dear: wait for less");
}

#[test]
fn a_layer_that_never_comes_takes_nothing_from_others() {
    let missing = Wish { rungs: ladder(Camera, &layers([true, false, false])), ..camera(720) };
    assert_eq!(aims(&with(1_100, &[missing, camera(720)])), [Some((0, ALL)), Some((2, ALL))]);
}

/// A camera that was asked for all of its layers and has only those that are named.
fn with_layers(there: [bool; 3], tile: u16) -> Wish {
    let mut facts = layers(there);
    facts.iter_mut().filter(|layer| !layer.running).for_each(|layer| layer.temporals = 0);
    Wish { rungs: ladder(Camera, &facts), ..camera(tile) }
}

#[test]
fn what_was_asked_for_in_vain_is_not_counted_upon_and_still_asked_for() {
    // (there, tile, kbit) to (shown, asked for, at its best)
    for (there, tile, kbit, shown, asked, best) in [
        ([true, true, false], 720, 9_000, Some(1), Some(2), 300),
        ([true, true, false], 720, 310, Some(1), Some(2), 300),
        ([true, true, false], 720, 70, Some(0), Some(2), 300),
        ([true, true, false], 360, 9_000, Some(1), Some(1), 300),
        ([true, false, false], 720, 9_000, Some(0), Some(1), 110),
        ([true, false, true], 720, 9_000, Some(2), Some(2), 950),
        ([true, false, true], 720, 500, Some(0), Some(1), 950),
        ([false, false, true], 180, 9_000, Some(2), Some(2), 950),
        ([true, true, false], 720, 20, None, None, 300),
    ] {
        let allocation = with(kbit, &[with_layers(there, tile)]);
        let share = allocation.shares[0];
        let layer = |target: Option<Target>| target.map(|target| target.layer);
        let at = format!("{there:?} in {tile} pixels, {kbit} kbit/s: {allocation:?}");
        assert_eq!((layer(share.aim), layer(share.wants)), (shown, asked), "{at}");
        assert_eq!((allocation.best, share.paused), (best * KBIT, shown.is_none()), "{at}");
        let all = kbit >= best;
        assert_eq!((allocation.next.is_none(), allocation.spent == allocation.best), (all, all), "{at}");
    }
}

#[test]
fn the_next_rung_and_its_price_are_told() {
    assert_eq!(with(350, &[camera(720)]).next, Some(950 * KBIT));
    assert_eq!(with(100, &[camera(720)]).next, Some(110 * KBIT));
    assert_eq!(with(0, &[camera(720)]).next, Some(60_500), "paused: what it takes to return");
    assert_eq!(with(950, &[camera(720)]).next, None);
    assert_eq!(with(450, &[camera(720), camera(180)]).next, Some((950 + 110) * KBIT));
}

#[test]
fn what_is_spent_never_exceeds_the_budget_whatever_there_is() {
    let mut rng = fastrand::Rng::with_seed(11);
    for round in 0..5_000 {
        let wish = |rng: &mut fastrand::Rng| {
            let running = [rng.bool(), rng.bool(), rng.bool()];
            let kind = if rng.u8(..5) == 0 { Screen } else { Camera };
            let rank = if kind == Screen {
                Rank::Screen
            } else if rng.bool() {
                Rank::Pinned
            } else {
                Rank::Other
            };
            let tile = [0, 90, 180, 360, 720][rng.usize(..5)];
            let rungs = ladder(kind, &layers(running));
            let has = rng.bool().then(|| rungs[rng.usize(..rungs.len())].target);
            Wish { rank, tile, rungs, has, paused: has.is_none() && rng.bool() }
        };
        let wishes: Vec<Wish> = (0..rng.usize(..8)).map(|_| wish(&mut rng)).collect();
        let keep = rng.u64(..4_000) * KBIT;
        let allocation = allocate(Some(Limits { keep, raise: keep * 8 / 10, least: 0, resume: keep * 8 / 10 }), &wishes);
        assert!(allocation.spent <= keep, "round {round}: {allocation:?}");
        assert!(allocation.next.is_none_or(|next| next > keep * 8 / 10), "round {round}: {allocation:?}");
        let shown = wishes
            .iter()
            .zip(&allocation.shares)
            .filter_map(|(wish, share)| wish.rungs.iter().find(|rung| Some(rung.target) == share.aim && rung.running).map(|rung| rung.bps));
        assert!(shown.sum::<u64>() <= keep, "round {round}: {allocation:?}");
    }
}
