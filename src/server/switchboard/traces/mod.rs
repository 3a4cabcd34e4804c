//! The trace of a call, from being placed to its end, told to a collector where one is named.
//!
//! A trace's id is the call's, and all its spans are below one whose id follows from that. So whatever node has the call adds to the same
//! trace: the one that ends it sends the call's own span, each sends what happened on it. It is fed what history and the tally are fed, and
//! knows people by the number of their seat alone.

mod call;
mod span;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use opentelemetry::KeyValue;
use switchboard_calls::{Record, Timestamp};
use switchboard_ids::CallId;

use super::clock::Clock;
use super::legs::Leg;
use super::tally::leg_result;
use super::translate::{end_reason, word};
use crate::media_driver::{LegError, LegId};
use crate::observe::{Exporter, Family, Gauges};
use crate::store::calls::RunningCall;
use call::CallTrace;
use span::Span;

/// The traces of running calls; nothing unless there is a collector.
#[derive(Debug, Default)]
pub(super) struct Traces(Option<Box<Book>>);

#[derive(Debug)]
struct Book {
    exporter: Exporter,
    calls: BTreeMap<CallId, CallTrace>,
    legs: BTreeMap<LegId, LegTrace>,
    of_call: BTreeSet<(CallId, LegId)>,
}

/// A media connection, from its offer.
#[derive(Debug)]
struct LegTrace {
    span: Span,
    leg: Leg,
    /// It is of a call that there is, or was; what was offered for one that was never placed is no part of any trace.
    placed: bool,
    seat: Option<i64>,
    connected: bool,
    failed: Option<&'static str>,
}

impl Traces {
    pub(super) fn new(exporter: Option<Exporter>) -> Self {
        let book = |exporter| Book { exporter, calls: BTreeMap::new(), legs: BTreeMap::new(), of_call: BTreeSet::new() };
        Self(exporter.map(|exporter| Box::new(book(exporter))))
    }

    /// A line of history.
    pub(super) fn record(&mut self, record: &Record) {
        if let Some(book) = &mut self.0 {
            book.record(record);
        }
    }

    /// A call that another run, or another node, placed goes on here.
    pub(super) fn taken_up(&mut self, call: &RunningCall, clock: Clock) {
        if let Some(book) = &mut self.0 {
            book.calls.insert(call.id, CallTrace::taken_up(call, clock.now()));
        }
    }

    /// A leg's offer came.
    pub(super) fn offered(&mut self, id: LegId, leg: Leg, clock: Clock) {
        let Some(book) = &mut self.0 else { return };
        let (span, placed) = (Span::begin("leg", clock.now()), book.calls.contains_key(&leg.call));
        book.of_call.insert((leg.call, id));
        book.legs.insert(id, LegTrace { span, leg, placed, seat: None, connected: false, failed: None });
    }

    /// A leg is connected.
    pub(super) fn connected(&mut self, id: LegId, clock: Clock) {
        let Some(book) = &mut self.0 else { return };
        let Some(trace) = book.legs.get_mut(&id) else { return };
        let now = clock.now();
        trace.connected = true;
        trace.span.event("connected", now, Vec::new());
        let Leg { call, device, user, .. } = trace.leg;
        if let Some(trace) = book.calls.get_mut(&call)
            && let Some(span) = trace.media_connected(user, device, now)
        {
            book.exporter.put(span.end(call, now));
        }
    }

    /// A leg ended by itself; that it is gone follows.
    pub(super) fn failed(&mut self, id: LegId, error: &LegError, clock: Clock) {
        let Some(trace) = self.0.as_mut().and_then(|book| book.legs.get_mut(&id)) else { return };
        let (cause, now) = (leg_result(error), clock.now());
        trace.failed = Some(cause);
        trace.span.event("failed", now, vec![KeyValue::new("switchboard.cause", cause)]);
        if *error != LegError::Closed {
            trace.span.fail(cause);
        }
    }

    /// A leg is gone, connected or not.
    pub(super) fn gone(&mut self, id: LegId, clock: Clock) {
        if let Some(book) = &mut self.0 {
            book.leg_gone(id, "removed", clock.now());
        }
    }

    /// Hands what came of the spans to the metrics.
    pub(super) fn publish(&self, gauges: &Gauges) {
        if let Some(book) = &self.0 {
            gauges.set_each(Family::TraceSpans, book.exporter.counts().map(|(result, count)| ([result], count as f64)));
        }
    }

    /// The server stops: what it saw of the calls that still run is sent, within a bound; whoever ends them sends the rest.
    pub(super) async fn finish(self, now: Timestamp) {
        const RESULT: &str = "server_stopped";
        let Some(mut book) = self.0 else { return };
        for id in book.legs.keys().copied().collect::<Vec<_>>() {
            book.leg_gone(id, RESULT, now);
        }
        for (call, mut trace) in mem::take(&mut book.calls) {
            book.put_all(call, trace.let_go(RESULT), now);
        }
        book.exporter.finish().await;
    }
}

impl Book {
    fn record(&mut self, record: &Record) {
        match *record {
            Record::Placed { call, kind, at, .. } => {
                self.calls.insert(call, CallTrace::placed(kind, at));
                self.each_leg(call, |leg| leg.placed = true);
            }
            Record::Seated { call, user, .. } => {
                if let Some(trace) = self.calls.get_mut(&call) {
                    trace.seated(user);
                }
            }
            Record::SeatState { call, user, state, at, device, .. } => {
                let mut warm = false;
                self.each_leg(call, |leg| warm |= leg.connected && Some(leg.leg.device) == device);
                let Some(trace) = self.calls.get_mut(&call) else { return };
                let spans = trace.seat_state(user, state, device, warm, at);
                self.put_all(call, spans, at);
            }
            Record::Answered { call, at } => {
                if let Some(trace) = self.calls.get_mut(&call) {
                    trace.span.event("answered", at, Vec::new());
                }
            }
            Record::Ended { call, at, reason } => {
                let Some(mut trace) = self.calls.remove(&call) else { return };
                self.each_leg(call, |leg| leg.seat = trace.number(leg.leg.user));
                let reason = word(end_reason(reason));
                let rest = trace.let_go("call_ended");
                self.put_all(call, rest, at);
                self.exporter.put(trace.ended(reason).end_of_call(call, at));
            }
            Record::Quality { .. } => {}
        }
    }

    fn each_leg(&mut self, call: CallId, mut what: impl FnMut(&mut LegTrace)) {
        for (_, id) in self.of_call.range((call, LegId(0))..=(call, LegId(u64::MAX))) {
            if let Some(leg) = self.legs.get_mut(id) {
                what(leg);
            }
        }
    }

    fn leg_gone(&mut self, id: LegId, result: &'static str, now: Timestamp) {
        let Some(LegTrace { span, leg: of, placed, seat, connected, failed }) = self.legs.remove(&id) else { return };
        self.of_call.remove(&(of.call, id));
        if !placed {
            return;
        }
        let seat = seat.or_else(|| self.calls.get(&of.call)?.number(of.user));
        let mut span = span.with("switchboard.result", failed.unwrap_or(result)).with("switchboard.connected", connected);
        if let Some(seat) = seat {
            span = span.with("switchboard.seat", seat);
        }
        self.exporter.put(span.end(of.call, now));
    }

    fn put_all(&self, call: CallId, spans: Vec<Span>, at: Timestamp) {
        spans.into_iter().for_each(|span| self.exporter.put(span.end(call, at)));
    }
}

#[cfg(test)]
mod tests;
