#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::SpanData;
use switchboard_calls::{CallKind, EndReason, SeatState};
use switchboard_ids::{DeviceId, UserId};
use tokio::sync::mpsc::Receiver;

use super::*;
use crate::media_driver::GroupId;

const CALL: CallId = CallId::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);

struct Story {
    traces: Traces,
    spans: Receiver<SpanData>,
}

fn user(number: u128) -> UserId {
    UserId::from_u128(number)
}

fn device(number: u128) -> DeviceId {
    DeviceId::from_u128(number)
}

impl Story {
    fn new() -> Self {
        let (exporter, spans) = Exporter::into_queue();
        Self { traces: Traces::new(Some(exporter)), spans }
    }

    /// The first calls the second.
    fn placed() -> Self {
        let mut story = Self::new();
        story.traces.record(&Record::Placed { call: CALL, kind: CallKind::Audio, at: Timestamp(1_000), caller: user(1) });
        for number in [1, 2] {
            let seated = Record::Seated { call: CALL, user: user(number), by: user(1), barred: false, at: Timestamp(1_000) };
            story.traces.record(&seated);
        }
        story.stands(1, SeatState::Active, Some(1), 1_000);
        story.stands(2, SeatState::Ringing, None, 1_000);
        story
    }

    fn stands(&mut self, number: u128, state: SeatState, on: Option<u128>, at: u64) {
        let (user, device, at) = (user(number), on.map(device), Timestamp(at));
        self.traces.record(&Record::SeatState { call: CALL, user, state, at, device, rings_until: None });
    }

    fn offers(&mut self, leg: u64, number: u128) {
        let of = Leg { call: CALL, device: device(number), user: user(number), group: GroupId(1) };
        self.traces.offered(LegId(leg), of, Clock::start());
    }

    fn ends(&mut self, at: u64) {
        self.traces.record(&Record::Ended { call: CALL, at: Timestamp(at), reason: EndReason::HungUp });
    }

    fn sent(&mut self) -> Vec<SpanData> {
        std::iter::from_fn(|| self.spans.try_recv().ok()).collect()
    }

    fn only(&mut self, name: &str) -> SpanData {
        let mut sent: Vec<_> = self.sent().into_iter().filter(|span| span.name == name).collect();
        assert_eq!(sent.len(), 1, "{name}: {sent:?}");
        sent.remove(0)
    }
}

fn said(span: &SpanData, name: &str) -> String {
    let found = span.attributes.iter().find(|pair| pair.key.as_str() == format!("switchboard.{name}"));
    found.map(|pair| pair.value.to_string()).unwrap_or_default()
}

fn events(span: &SpanData) -> Vec<&str> {
    span.events.iter().map(|event| event.name.as_ref()).collect()
}

#[tokio::test]
async fn a_leg_that_fails_says_why_and_one_that_the_peer_closes_is_no_error() {
    for (error, cause, wrong) in [(LegError::Lost(15), "lost", true), (LegError::Closed, "closed_by_peer", false)] {
        let mut story = Story::placed();
        story.offers(1, 1);
        story.traces.connected(LegId(1), Clock::start());
        story.traces.failed(LegId(1), &error, Clock::start());
        story.traces.gone(LegId(1), Clock::start());
        let leg = story.only("leg");
        assert_eq!((said(&leg, "result").as_str(), said(&leg, "seat").as_str()), (cause, "0"));
        assert_eq!((events(&leg), matches!(leg.status, Status::Error { .. })), (vec!["connected", "failed"], wrong));
    }
}

#[tokio::test]
async fn a_leg_that_outlives_its_call_is_still_of_its_seat_and_below_the_call() {
    let mut story = Story::placed();
    story.offers(1, 2);
    story.ends(9_000);
    let call = story.only("call");
    story.traces.gone(LegId(1), Clock::start());
    let leg = story.only("leg");
    assert_eq!((said(&leg, "seat").as_str(), leg.parent_span_id), ("1", call.span_context.span_id()));
    assert_eq!((call.parent_span_id, leg.span_context.trace_id()), (SpanId::INVALID, call.span_context.trace_id()));
    assert_eq!(leg.span_context.trace_id().to_string(), format!("{:032x}", CALL.as_u128()));
}

#[tokio::test]
async fn an_offer_for_a_call_that_was_never_placed_is_in_no_trace() {
    let mut story = Story::new();
    story.offers(1, 1);
    story.traces.gone(LegId(1), Clock::start());
    assert_eq!(story.sent(), []);
}

#[tokio::test]
async fn one_whose_media_was_connected_while_it_rang_is_set_up_at_once() {
    let mut story = Story::placed();
    story.offers(1, 2);
    story.traces.connected(LegId(1), Clock::start());
    story.stands(2, SeatState::Active, Some(2), 4_000);
    let sent = story.sent();
    let setup = sent.iter().find(|span| span.name == "setup").unwrap();
    assert_eq!((said(setup, "warm").as_str(), said(setup, "result").as_str(), setup.start_time), ("true", "connected", setup.end_time));
    let ring = sent.iter().find(|span| span.name == "ring").unwrap();
    assert_eq!((said(ring, "result").as_str(), ring.end_time.duration_since(ring.start_time).unwrap().as_secs()), ("answered", 3));
}

#[tokio::test]
async fn a_seat_that_is_held_and_moved_is_one_seat_that_says_so() {
    let mut story = Story::placed();
    story.stands(2, SeatState::Active, Some(2), 2_000);
    story.stands(2, SeatState::Held, Some(2), 3_000);
    story.stands(2, SeatState::Active, Some(2), 4_000);
    story.stands(2, SeatState::Active, Some(3), 5_000);
    story.stands(2, SeatState::Left, Some(3), 6_000);
    let seat = story.only("seat");
    assert_eq!(events(&seat), ["held", "active", "moved"]);
    assert_eq!(said(&seat, "result"), "left");
}

#[tokio::test]
async fn however_often_a_call_is_held_its_span_has_an_end() {
    let mut story = Story::placed();
    for at in 0..200 {
        story.stands(1, if at % 2 == 0 { SeatState::Held } else { SeatState::Active }, Some(1), 2_000 + at);
    }
    story.stands(1, SeatState::Left, Some(1), 9_000);
    let seat = story.only("seat");
    assert_eq!((seat.events.len(), seat.events.dropped_count), (128, 72));
}

#[tokio::test]
async fn what_ends_is_forgotten() {
    let mut story = Story::placed();
    story.offers(1, 1);
    story.ends(9_000);
    story.traces.gone(LegId(1), Clock::start());
    let book = story.traces.0.as_ref().unwrap();
    assert!(book.calls.is_empty() && book.legs.is_empty() && book.of_call.is_empty());
}
