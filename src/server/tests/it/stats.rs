//! How the media of a device fares, for whoever asks.

use switchboard_protocol::{ErrorCode, Reply, Request, SlotStats, TrackSource};

use crate::support::{Device, TestApp, something};

async fn stats(device: &mut Device, call: switchboard_ids::CallId) -> Reply {
    device.asks(Request::Stats { call }).await.unwrap()
}

#[tokio::test]
async fn a_device_learns_what_it_is_sent_and_how_far_away_it_is() {
    let app = TestApp::start().await;
    let (call, [mut anna, boris]) = app.in_one_call(["Anna", "Boris"]).await;
    boris.peer.speaks(true);
    let (mine, his) = (&mut anna.device, boris.user.id);
    let is_voice = |slot: &SlotStats| slot.source.user == his && slot.source.track == TrackSource::Microphone;
    let found = something("what is sent, and the round trip", async || match stats(mine, call).await {
        Reply::Stats { call: of, rtt_ms: Some(rtt_ms), loss, slots, .. } => {
            let voice = slots.iter().find(|slot| is_voice(slot) && slot.bitrate_bps > 10_000)?;
            Some((of, rtt_ms, loss, voice.clone()))
        }
        _ => None,
    });
    let (of, rtt_ms, loss, voice) = found.await;
    assert_eq!(of, call);
    assert!((0.0..1_000.0).contains(&rtt_ms) && loss.is_none_or(|loss| loss < 0.1), "{rtt_ms} {loss:?}");
    // 50 packets a second of 80 bytes and their headers.
    assert!(voice.bitrate_bps < 100_000 && !voice.paused && voice.rid.is_none() && voice.temporal.is_none(), "{voice:?}");
    assert!(anna.peer.mids(switchboard_protocol::TrackRole::AudioSlot).contains(&voice.mid));
}

#[tokio::test]
async fn each_request_gets_one_reply_and_one_sent_again_is_answered_anew() {
    let app = TestApp::start().await;
    let (call, [mut anna, _boris]) = app.in_one_call(["Anna", "Boris"]).await;
    let id = anna.device.begins_to_ask(Request::Stats { call }).await;
    let reply = anna.device.answer_to(id).await;
    assert!(matches!(reply, Ok(Reply::Stats { .. })), "{reply:?}");
    anna.device.repeats(id, Request::Stats { call }).await;
    let again = anna.device.answer_to(id).await;
    assert!(matches!(again, Ok(Reply::Stats { .. })), "{again:?}");
    // Twenty at once: each is answered, or refused for the one before it.
    let mut unanswered = std::collections::BTreeSet::new();
    for _ in 0..20 {
        unanswered.insert(anna.device.begins_to_ask(Request::Stats { call }).await);
    }
    let mut answered = 0;
    while !unanswered.is_empty() {
        let (id, outcome) = anna.device.next_reply().await;
        assert!(unanswered.remove(&id), "one reply to each");
        match outcome {
            Ok(Reply::Stats { .. }) => answered += 1,
            refused => assert_eq!(refused.unwrap_err().code, ErrorCode::TooManyRequests),
        }
    }
    assert!(answered > 0);
}
