//! Peers of the engine with nothing between them but loopback.

use std::net::Ipv4Addr;

use super::*;
use crate::peer::{AudioSource, Judge, Plan, Synthetic, VideoSource};

const LIMIT: Duration = Duration::from_secs(20);

fn sender() -> Plan {
    let video = Synthetic { every: Duration::from_millis(20), burst: 5, payload_bytes: 1_000 };
    let audio = Synthetic { every: Duration::from_millis(20), burst: 1, payload_bytes: 100 };
    Plan {
        audio: Some(AudioSource::Synthetic(audio)),
        video: Some(VideoSource::Synthetic(video)),
        judge: Judge::Sequence,
        ..Plan::default()
    }
}

fn receiver() -> Plan {
    Plan { audio_slots: 1, video_slots: 1, judge: Judge::Sequence, ..Plan::default() }
}

fn engine(threads: usize, gro: bool) -> Engine {
    Engine::start(EngineOptions { threads, gro, allow_remote: false }).unwrap()
}

/// Somebody who sends and somebody who shows the picture.
async fn pair(engine: &Engine) -> (PeerHandle, PeerHandle) {
    let bind = Ipv4Addr::LOCALHOST.into();
    let (mut sends, offer) = engine.offering(bind, sender()).await.unwrap();
    let (mut receives, answer) = engine.answering(bind, receiver(), offer.sdp).await.unwrap();
    sends.answer(answer);
    sends.connected(LIMIT).await.unwrap();
    sends.send();
    receives.first_frame(LIMIT).await.unwrap();
    (sends, receives)
}

#[tokio::test]
async fn peers_on_two_threads_see_each_other_and_all_is_counted_with_and_without_gro() {
    for gro in [false, true] {
        let engine = engine(2, gro);
        let mut pairs = Vec::new();
        for _ in 0..10 {
            pairs.push(pair(&engine).await);
        }
        let opened = engine.sample(true).await;
        assert_eq!((opened.peers, opened.each.len(), opened.counts.connected, opened.counts.showing), (20, 20, 20, 10));
        let deadline = Instant::now() + LIMIT;
        let closed = loop {
            let sample = engine.sample(false).await;
            let received = sample.counts.since(&opened.counts).packets_received();
            if received > 5_000 {
                break sample;
            }
            assert!(Instant::now() < deadline, "{received} of 5,000 packets within {LIMIT:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let seen = closed.counts.since(&opened.counts);
        assert_eq!((seen.video.missing, seen.audio.missing, seen.foreign_payloads, seen.unsent), (0, 0, 0, 0), "{seen:?}");
        // What was on its way while the marks were taken belongs to one of them, and not always to the same.
        let timed = closed.window.audio.len() + closed.window.video.len();
        assert!(timed.abs_diff(seen.packets_received()) < 200, "{timed} of {}", seen.packets_received());
    }
}

#[tokio::test]
async fn a_peer_that_is_dropped_is_gone_and_what_it_has_seen_still_counts() {
    let engine = engine(1, false);
    let (sends, receives) = pair(&engine).await;
    let report = receives.finish().await.unwrap();
    assert!(report.counts.video.packets > 0 && report.counts.frames_shown > 0, "{report:?}");
    drop(sends);
    let sample = engine.sample(false).await;
    assert_eq!((sample.peers, sample.counts.connected), (0, 0));
    assert_eq!(sample.counts.video.packets, report.counts.video.packets);
    assert!(sample.counts.video_packets_sent >= report.counts.video.packets);
}

#[tokio::test]
async fn a_peer_whose_answer_is_nonsense_ends_and_says_why_and_the_others_go_on() {
    let engine = engine(1, false);
    let (_sends, _receives) = pair(&engine).await;
    let (mut lost, _) = engine.offering(Ipv4Addr::LOCALHOST.into(), sender()).await.unwrap();
    lost.answer("v=nonsense".to_owned());
    assert!(matches!(lost.connected(LIMIT).await, Err(PeerError::BadAnswer(_))));
    let sample = engine.sample(false).await;
    assert_eq!((sample.peers, sample.counts.connected, sample.counts.failed), (2, 2, 1));
}

#[tokio::test]
async fn a_peer_that_shows_nothing_in_time_goes_on_without() {
    let engine = engine(1, false);
    let bind = Ipv4Addr::LOCALHOST.into();
    let (mut sends, offer) = engine.offering(bind, sender()).await.unwrap();
    let (mut receives, answer) = engine.answering(bind, receiver(), offer.sdp).await.unwrap();
    sends.answer(answer);
    sends.connected(LIMIT).await.unwrap();
    assert_eq!(receives.shows_within(Duration::from_millis(50)).await, None);
    assert_eq!(engine.sample(false).await.peers, 2);
    sends.send();
    assert!(receives.shows_within(LIMIT).await.is_some());
}
