//! A span in the making, and its ids: whoever knows a call knows its trace, and the span that all others of it are below.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Event, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SpanData, SpanEvents, SpanLinks};
use switchboard_calls::Timestamp;
use switchboard_ids::CallId;

/// What happened on a span beyond this is counted alone, so that a client cannot make one ever longer; OpenTelemetry's own limit.
const MOST_EVENTS: usize = 128;

/// A span that has begun.
#[derive(Debug)]
pub(super) struct Span {
    name: &'static str,
    begun: Timestamp,
    attributes: Vec<KeyValue>,
    events: Vec<Event>,
    dropped: u32,
    error: Option<&'static str>,
}

impl Span {
    pub(super) fn begin(name: &'static str, at: Timestamp) -> Self {
        Self { name, begun: at, attributes: Vec::new(), events: Vec::new(), dropped: 0, error: None }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push(KeyValue::new(name, value));
        self
    }

    /// Something happened on it.
    pub(super) fn event(&mut self, name: impl Into<std::borrow::Cow<'static, str>>, at: Timestamp, attributes: Vec<KeyValue>) {
        if self.events.len() < MOST_EVENTS {
            self.events.push(Event::new(name, utc(at), attributes, 0));
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// It is of something that went wrong.
    pub(super) fn fail(&mut self, cause: &'static str) {
        self.error = Some(cause);
    }

    /// It is over, below the call's own span.
    pub(super) fn end(self, call: CallId, at: Timestamp) -> SpanData {
        self.data(call, RandomIdGenerator::default().new_span_id(), root(call), at)
    }

    /// It is over and the call's own span, which all others are below.
    pub(super) fn end_of_call(self, call: CallId, at: Timestamp) -> SpanData {
        self.data(call, root(call), SpanId::INVALID, at)
    }

    fn data(self, call: CallId, id: SpanId, parent: SpanId, at: Timestamp) -> SpanData {
        let Self { name, begun, attributes, events, dropped, error } = self;
        let trace = TraceId::from(call.as_u128());
        let mut kept = SpanEvents::default();
        (kept.events, kept.dropped_count) = (events, dropped);
        SpanData {
            span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::default()),
            parent_span_id: parent,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: name.into(),
            start_time: utc(begun),
            // The clock of one node may be behind that of the one where it began.
            end_time: utc(at.max(begun)),
            attributes,
            dropped_attributes_count: 0,
            events: kept,
            links: SpanLinks::default(),
            status: error.map_or(Status::Unset, Status::error),
            instrumentation_scope: InstrumentationScope::builder("switchboard").build(),
        }
    }
}

/// The id of a call's own span: the second half of the call's id, most of which is random (RFC 9562 §5.7) and none of which is ever zero as
/// a whole, for it begins with the variant.
fn root(call: CallId) -> SpanId {
    SpanId::from(call.as_u128() as u64)
}

fn utc(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(at.as_millis())
}
