//! Before accept nothing passes; at accept everything is there.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{Drop, Event};

use crate::client::PAIR;
use crate::world::World;

fn ringing() -> (World, usize, usize) {
    let mut world = World::new();
    let link = NetemConfig::new().latency(Duration::from_millis(10));
    let (caller, callee) = (world.join(PAIR, link), world.join(PAIR, link));
    world.client(caller).sends = true;
    world.client(callee).sends = true;
    world.run_until("both are connected behind their gates", Duration::from_secs(3), |world| world.connected() == 2);
    world.run_until("both send", Duration::from_secs(1), |world| (0..2).all(|person| world.client(person).sent > 50));
    (world, caller, callee)
}

#[test]
fn nothing_is_forwarded_from_or_to_anyone_before_the_gates_open() {
    let (mut world, caller, callee) = ringing();
    world.run(Duration::from_secs(5));
    assert_eq!(world.client(caller).slot(Camera).packets + world.client(caller).slot(Microphone).packets, 0);
    assert_eq!(world.client(callee).slot(Camera).packets + world.client(callee).slot(Microphone).packets, 0);
    assert!(world.router.counters().dropped(Drop::GateShut) > 500, "what was sent meanwhile is counted");
}

#[test]
fn one_open_gate_is_not_enough() {
    let (mut world, caller, callee) = ringing();
    world.open_gate(caller);
    world.run(Duration::from_secs(2));
    assert_eq!(world.client(caller).slot(Camera).packets, 0, "the callee has not accepted: the caller sees nothing");
    assert_eq!(world.client(callee).slot(Camera).packets, 0, "nor does the callee");
    let told = world.events.iter().find(|event| matches!(event, Event::SlotChanged { .. }));
    assert_eq!(told, None, "and nobody is told of anyone's camera");
}

#[test]
fn at_accept_the_picture_is_there_within_a_keyframe() {
    let (mut world, caller, callee) = ringing();
    world.open_gate(caller);
    world.open_gate(callee);
    let accepted = world.now;
    world.run_until("both see a frame", Duration::from_millis(200), |world| {
        [caller, callee].iter().all(|&person| !world.client(person).slot(Camera).frames.is_empty())
    });
    assert!(world.client(callee).slot(Camera).first_at.unwrap() >= accepted);
    world.run(Duration::from_secs(3));
    let report = world.client(callee).slot(Camera).video.report();
    assert!(report.is_flawless(), "{report:?}");
}
