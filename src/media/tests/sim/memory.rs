//! What the router keeps for a receiver is bounded by what the receiver may still need, and does not grow with the time.

use std::time::Duration;

use str0m_netem::{NetemConfig, Probability, RandomLoss};
use switchboard_media::SourceKind::Camera;

use crate::client::PAIR;
use crate::world::{GROUP, World};

/// Nine packets so often are 2.4 Mbit/s.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);
const BYTES: usize = 1_100;

/// What the router gives back to the allocator when a person leaves.
fn kept_for(world: &mut World, person: usize) -> i64 {
    let (now, id) = (world.now, world.client(person).id);
    let given_back = -allocation_counter::measure(|| world.router.remove_leg(now, id, GROUP)).bytes_current;
    world.settle();
    given_back
}

/// One who sends, and so many who receive over a link, connected.
fn audience(receivers: usize, link: NetemConfig) -> World {
    let mut world = World::new();
    for person in 0..=receivers {
        world.join(PAIR, link);
        world.open_gate(person);
    }
    world.run_until("all are connected", Duration::from_secs(5), |world| world.connected() == receivers + 1);
    world
}

/// The first person sends for so long, so many packets in a row.
fn stream(world: &mut World, packets: usize, time: Duration) {
    let vp8 = world.client(0).vp8();
    let end = world.now + time;
    let mut keyframe = true;
    while world.now < end {
        for _ in 0..packets {
            let mut payload = vec![0; BYTES];
            // RFC 7741: a frame of one packet begins; a keyframe has its lowest bit clear, its start code and its size.
            payload[..11].copy_from_slice(&[0x10, u8::from(!keyframe), 0, 0, 0x9d, 1, 0x2a, 64, 1, 240, 0]);
            let now = world.now;
            world.client(0).push_frame(now, 0, vp8, payload);
            keyframe = false;
        }
        world.run(FRAME);
    }
}

#[test]
fn what_is_kept_for_a_receiver_is_bounded_and_does_not_grow_with_the_time() {
    let mut world = audience(4, NetemConfig::new().latency(Duration::from_millis(10)));
    let before = kept_for(&mut world, 1);
    stream(&mut world, 9, Duration::from_secs(10));
    let soon = kept_for(&mut world, 2);
    stream(&mut world, 9, Duration::from_secs(60));
    let late = kept_for(&mut world, 3);
    let packets = world.client(4).slot(Camera).packets;
    assert!(packets > 70 * 260, "it was sent all of the stream: {packets} packets");
    assert!(before < 90_000, "{before} bytes before anything is sent");
    assert!(soon < 290_000, "{soon} bytes after ten seconds of 2.4 Mbit/s");
    assert!((late - soon).abs() < soon / 20, "{late} bytes a minute later, {soon} before it");
}

#[test]
fn less_is_kept_of_a_smaller_stream() {
    let mut world = audience(1, NetemConfig::new().latency(Duration::from_millis(10)));
    stream(&mut world, 1, Duration::from_secs(30));
    let kept = kept_for(&mut world, 1);
    assert!(kept < 240_000, "{kept} bytes");
}

#[test]
fn what_is_lost_on_a_long_way_is_sent_again() {
    let long = NetemConfig::new().latency(Duration::from_millis(220));
    let mut world = audience(2, NetemConfig::new().latency(Duration::from_millis(10)));
    world.set_link(2, long, long);
    // The round trip is told once a second.
    stream(&mut world, 2, Duration::from_secs(5));
    world.run(Duration::from_secs(1));
    world.set_link(2, long, long.loss(RandomLoss::new(Probability::new(0.02))));
    let before = [1, 2].map(|person| world.client(person).slot(Camera).packets);
    stream(&mut world, 2, Duration::from_secs(20));
    world.set_link(2, long, long);
    world.run(Duration::from_secs(2));
    let [near, far] = [1, 2].map(|person| world.client(person).slot(Camera).packets - before[person - 1]);
    assert!(near > 20 * 58 && near.abs_diff(far) * 200 < near, "{far} of {near} packets came");
}
