//! What two people see and hear of each other over good and bad links.

use std::time::Duration;

use str0m_netem::{NetemConfig, Probability, RandomLoss};
use switchboard_clip::Clip;
use switchboard_media::SourceKind::{Camera, Microphone};

use crate::client::PAIR;
use crate::world::World;

fn clean() -> NetemConfig {
    NetemConfig::new().latency(Duration::from_millis(20))
}

fn talk(link: NetemConfig) -> World {
    let mut world = World::new();
    world.call(2, PAIR, link);
    // A handshake may lose a flight, and waits a second for it.
    world.run_until("both are connected", Duration::from_secs(10), |world| world.connected() == 2);
    world.run(Duration::from_secs(20));
    world
}

#[test]
fn on_a_clean_link_every_frame_and_every_word_arrives_in_order() {
    let mut world = talk(clean());
    for person in 0..2 {
        let video = world.client(person).slot(Camera).video.report();
        assert!(video.is_flawless(), "{video:?}");
        assert!(video.frames_decodable > 280, "20 s at 15 frames/s: {video:?}");
        let audio = world.client(person).slot(Microphone).audio.report();
        assert!(audio.is_flawless() && audio.packets > 950, "20 s at 50 packets/s: {audio:?}");
    }
}

#[test]
fn what_arrives_is_what_was_sent_byte_for_byte() {
    let mut world = talk(clean());
    let clip = Clip::vp8();
    let frames = &world.client(1).slot(Camera).frames;
    for (position, frame) in frames.iter().enumerate() {
        assert!(clip.frames().iter().any(|original| original.data == *frame), "frame {position} is not one of the clip's");
    }
}

#[test]
fn the_first_frame_is_there_soon_after_the_link_is_up() {
    let mut world = World::new();
    world.call(2, PAIR, clean());
    world.run_until("both hear and see each other", Duration::from_secs(2), |world| {
        (0..2).all(|person| !world.client(person).slot(Camera).frames.is_empty() && world.client(person).slot(Microphone).packets > 0)
    });
}

#[test]
fn five_percent_loss_is_repaired_by_retransmission() {
    let mut world = talk(clean().loss(RandomLoss::new(Probability::new(0.05))));
    for person in 0..2 {
        let slot = world.client(person).slot(Camera);
        let video = slot.video.report();
        // Each packet crosses two lossy links, so a tenth would be missing without repair both ways.
        assert!(video.missing * 200 < video.packets, "at most 0.5 % stays missing: {video:?}");
        // A str0m receiver cannot miss what was lost before the first packet it saw: that costs it the first keyframe at most.
        assert!(video.frames_decodable > 240, "hardly a frame is lost for the eye: {video:?}");
        assert_eq!(video.timestamp_regressions, 0, "{video:?}");
        let audio = world.client(person).slot(Microphone).audio.report();
        let (heard, spoken) = (audio.packets, audio.packets + audio.missing);
        assert!(heard * 100 > spoken * 86, "a voice is not repaired, and stays within the loss of two links: {audio:?}");
    }
}

#[test]
fn reordering_harms_nothing() {
    let link = clean().jitter(Duration::from_millis(15)).reorder_gap(5);
    let mut world = talk(link);
    for person in 0..2 {
        let video = world.client(person).slot(Camera).video.report();
        // A str0m receiver takes the first packet it sees for the first there is, so one frame may be spoilt at the start.
        assert!(video.frames_incomplete <= 1, "{video:?}");
        assert_eq!((video.missing, video.picture_id_breaks), (0, 0), "{video:?}");
        assert!(video.frames_decodable > 275, "{video:?}");
        assert_eq!(world.client(person).slot(Microphone).audio.report().missing, 0);
    }
}
