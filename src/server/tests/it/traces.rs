//! The trace of a call, as a collector gets it by OTLP.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use switchboard_ids::CallId;
use switchboard_protocol::{EndReason, Event, Request};

use crate::support::{Collector, Span, TestApp, eventually};

/// All spans of a call, once it has ended and its legs are gone.
async fn all(collector: &Collector, call: CallId, legs: usize) -> Vec<Span> {
    let count = |name| collector.spans_of(call).iter().filter(|span| span.name == name).count();
    eventually("the call to be told of, and its legs", (1, legs), async || (count("call"), count("leg"))).await;
    collector.spans_of(call)
}

/// What spans of one name say under another, in the order of seats.
fn said<'a>(spans: &'a [Span], name: &str, what: &str) -> Vec<(&'a str, &'a str)> {
    let mut said: Vec<_> =
        spans.iter().filter(|span| span.name == name).map(|span| (&*span.attributes["seat"], &*span.attributes[what])).collect();
    said.sort_unstable();
    said
}

fn the_call(spans: &[Span]) -> &Span {
    spans.iter().find(|span| span.name == "call").unwrap()
}

/// Every span but the call's own is below that.
fn is_one_tree(spans: &[Span]) {
    let call = the_call(spans);
    assert!(call.parent.is_empty());
    assert!(spans.iter().filter(|span| span.name != "call").all(|span| span.parent == call.id), "{spans:?}");
    let ids: BTreeSet<_> = spans.iter().map(|span| &span.id).collect();
    assert_eq!(ids.len(), spans.len(), "each has an id of its own");
}

#[tokio::test]
async fn a_call_is_one_trace_from_place_to_hang_up() {
    let collector = Collector::start().await;
    let app = TestApp::start_with(&["--no-limits", "--otlp", &collector.url]).await;
    let (call, mut guests) = app.in_one_call(["Anna", "Boris"]).await;
    assert!(collector.spans().iter().all(|span| span.name != "call"), "it runs");
    guests[0].device.asks(Request::HangUp { call }).await.unwrap();
    guests[1].device.sees_the_end(call).await;
    let spans = all(&collector, call, 2).await;

    is_one_tree(&spans);
    assert_eq!(collector.spans().len(), spans.len(), "there is no other trace");
    let root = the_call(&spans);
    let about = ["kind", "reason", "seats"].map(|name| &*root.attributes[name]);
    assert_eq!((about, &root.events[..]), (["video", "hung_up", "2"], &["answered".to_owned()][..]));
    assert_eq!(said(&spans, "ring", "result"), [("1", "answered")]);
    assert_eq!(said(&spans, "seat", "result"), [("0", "left"), ("1", "left")]);
    assert_eq!(said(&spans, "setup", "result"), [("0", "connected"), ("1", "connected")]);
    assert_eq!(said(&spans, "leg", "connected"), [("0", "true"), ("1", "true")]);
    assert_eq!(spans.len(), 8, "{spans:?}");
    let within = |span: &&Span| span.from >= root.from && span.from <= span.to && span.to <= root.to;
    assert!(spans.iter().filter(|span| span.name != "leg").all(|span| within(&span)), "{spans:?}");
    assert!(spans.iter().filter(|span| span.name == "leg").all(|span| span.events.contains(&"connected".to_owned())));
    let taken = r#"switchboard_trace_spans_total{result="taken"} 8"#;
    eventually("the spans to be counted", true, async || app.admin("/metrics").await.1.contains(taken)).await;
}

#[tokio::test]
async fn a_declined_and_a_missed_ring_say_so() {
    let collector = Collector::start().await;
    let app = TestApp::start_with(&["--no-limits", "--ring-for", "3", "--otlp", &collector.url]).await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    for (declines, result) in [(true, "declined"), (false, "missed")] {
        let call = a.calls(&[&boris]).await;
        b.rings().await;
        if declines {
            b.asks(Request::Decline { call }).await.unwrap();
        }
        a.sees_the_end(call).await;
        let spans = all(&collector, call, 1).await;
        is_one_tree(&spans);
        assert_eq!(said(&spans, "ring", "result"), [("1", result)]);
        assert_eq!(the_call(&spans).attributes["reason"], result);
        assert_eq!(said(&spans, "setup", "result"), [("0", "not_connected")], "nobody's media came");
        let ring = spans.iter().find(|span| span.name == "ring").unwrap();
        assert_eq!(ring.to - ring.from >= 3_000_000_000, !declines);
    }
}

#[tokio::test]
async fn a_collector_that_is_away_or_that_hangs_costs_nobody_anything() {
    let (away, hangs) = (Collector::start().await.url.clone(), Collector::hanging().await);
    for url in [&away, &hangs.url] {
        let app = TestApp::start_with(&["--no-limits", "--otlp", url]).await;
        let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
        for round in 0..2 {
            let start = Instant::now();
            let call = a.calls(&[&boris]).await;
            b.answers().await;
            a.asks(Request::HangUp { call }).await.unwrap();
            assert_eq!(b.sees_the_end(call).await, EndReason::HungUp);
            assert!(start.elapsed() < Duration::from_secs(5), "a call of no length takes {:?}", start.elapsed());
            if round == 0 && url == &away {
                let failed = async || {
                    let (_, page) = app.admin("/metrics").await;
                    page.lines().any(|line| line.starts_with(r#"switchboard_trace_spans_total{result="failed"}"#) && !line.ends_with(" 0"))
                };
                eventually("lost spans to be counted", true, failed).await;
            } else if round == 0 {
                eventually("the collector to be spoken to", true, async || hangs.requests() > 0).await;
            }
        }
        let start = Instant::now();
        app.stops().await;
        assert!(start.elapsed() < Duration::from_secs(8), "the server stops after {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_call_that_a_restarted_server_takes_up_goes_on_in_the_same_trace() {
    let collector = Collector::start().await;
    let flags = ["--no-limits", "--otlp", &collector.url];
    let app = TestApp::start_with(&flags).await;
    let (mut anna, mut a, mut boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    let (a, b) = (a.breaks().await, b.breaks().await);
    let app = TestApp::start_in(app.stops().await, &flags).await;
    let before = collector.spans_of(call);
    assert!(before.iter().all(|span| span.name != "call"), "it has not ended");
    assert_eq!(said(&before, "seat", "result"), [("0", "server_stopped"), ("1", "server_stopped")]);
    assert_eq!(said(&before, "leg", "result"), [("0", "server_stopped"), ("1", "server_stopped")]);

    anna.moves_to(&app.url);
    boris.moves_to(&app.url);
    let mut a = anna.cannot_resume(a).await;
    a.joins(call).await;
    let mut b = boris.cannot_resume(b).await;
    b.joins(call).await;
    a.asks(Request::HangUp { call }).await.unwrap();
    b.hears("the end", |event| matches!(event, Event::CallEnded { .. }).then_some(())).await;
    let spans = all(&collector, call, 4).await;
    is_one_tree(&spans);
    assert_eq!(collector.spans().len(), spans.len(), "there is no other trace");
    let root = the_call(&spans);
    assert_eq!((&root.events[..], &*root.attributes["reason"]), (&["answered".to_owned(), "taken_up".to_owned()][..], "hung_up"));
    assert!(before.iter().filter(|span| span.name != "leg").all(|span| span.from >= root.from), "it began when it was placed");
    let seats = [("0", "left"), ("0", "server_stopped"), ("1", "left"), ("1", "server_stopped")];
    assert_eq!(said(&spans, "seat", "result"), seats);
    let instances: BTreeSet<_> = spans.iter().map(|span| &span.instance).collect();
    assert_eq!(instances.len(), 2, "both runs have told of it");
}

#[tokio::test]
async fn nothing_in_a_span_names_a_person() {
    let collector = Collector::start().await;
    let app = TestApp::start_with(&["--no-limits", "--otlp", &collector.url]).await;
    let (call, mut guests) = app.in_one_call(["Annabella", "Borislav"]).await;
    guests[0].device.asks(Request::Hold { call }).await.unwrap();
    guests[0].device.asks(Request::HangUp { call }).await.unwrap();
    guests[1].device.sees_the_end(call).await;
    all(&collector, call, 2).await;
    assert!(collector.was_told(b"switchboard.seat") && collector.was_told(call.uuid().as_bytes()), "it looks at the right place");
    for guest in &guests {
        let (user, device) = (guest.user.id, guest.device.id);
        let texts = [guest.user.name.clone(), guest.user.phone.clone(), guest.user.token.clone(), user.to_string(), device.to_string()];
        for secret in texts.iter().map(|text| text.as_bytes()).chain([user.uuid().as_bytes().as_slice(), device.uuid().as_bytes()]) {
            assert!(!collector.was_told(secret), "{}", String::from_utf8_lossy(secret));
        }
        assert!(!collector.was_told(&guest.user.phone.as_bytes()[1..]));
    }
}
