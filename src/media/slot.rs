//! One receive-only m-line of a client: a stream of the router's own, carrying now this source, now that one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::media::{Mid, Pt};
use str0m::rtp::Ssrc;

use crate::binding::SourceRef;
use crate::counters::{Counters, Drop};
use crate::format::Format;
use crate::keyframe::Patience;
use crate::layer::Layer;
use crate::meter::Meter;
use crate::packet::{Outgoing, Packet};
use crate::policy::{Choice, h264, vp8};
use crate::rewrite::{Choosing, Place, Position, Rewriter};
use crate::source::{Running, SourceKind};
use crate::target::Target;
use crate::wanted::Layers;

/// The largest layer, with all its temporal layers.
const WHOLE: Target = Target { layer: crate::source::MAX_LAYERS - 1, temporal: Target::ALL };

/// Once the next layer's keyframe is there, the end of a frame is waited for no longer than this: two frames' time.
const FRAME_ENDS_WITHIN: Duration = Duration::from_millis(66);

/// An encoder that marks frames at which a temporal layer can begin does so several times a second.
const RAISES_WITHIN: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) kind: SourceKind,
    pub(crate) mid: Mid,
    pub(crate) ssrc: Ssrc,
    /// The payload types the receiver gave the formats it takes.
    formats: Vec<(Format, Pt)>,
    pub(crate) source: Option<SourceRef>,
    /// When it got its source, or lost the last.
    pub(crate) since: Option<Instant>,
    /// What it should show of its source; nothing when it is paused or hidden.
    aimed: Option<Target>,
    /// What it shows of its source. It begins, and moves to another layer, with a keyframe.
    showing: Option<Showing>,
    /// What it showed of its source before: its last packets may come late.
    before: Option<Showing>,
    /// Since when a keyframe that it moves to waits for the end of a frame.
    moving: Option<Instant>,
    /// Since when it is to show a temporal layer more, and no frame came at which that can begin.
    raising: Option<Instant>,
    /// Whether the newest frame it sent has not come to its end.
    open: bool,
    /// Whether its video is paused because the path cannot carry it.
    pub(crate) paused: bool,
    /// Whether its path has no room for what is sent twice.
    pub(crate) tight: bool,
    /// The layers of its source it has use for; none before its first share of the bandwidth.
    pub(crate) wants: Layers,
    /// How its receiver's keyframe requests are heard.
    pub(crate) patience: Patience,
    meter: Meter<1>,
    rewriter: Rewriter,
}

#[derive(Debug, Clone, Copy)]
struct Showing {
    target: Target,
    /// Which of the layer's streams.
    epoch: u32,
}

impl Slot {
    pub(crate) fn new(kind: SourceKind, mid: Mid, ssrc: Ssrc, formats: Vec<(Format, Pt)>, rng: &mut fastrand::Rng) -> Self {
        let rewriter = Rewriter::new(kind.clock_rate(), rng);
        Self {
            kind,
            mid,
            ssrc,
            formats,
            source: None,
            since: None,
            aimed: Some(WHOLE),
            showing: None,
            before: None,
            moving: None,
            raising: None,
            open: false,
            paused: false,
            tight: false,
            wants: Layers::default(),
            patience: Patience::default(),
            meter: Meter::default(),
            rewriter,
        }
    }

    /// Shows another source, or none; of it as much as there is, until it is aimed. Its stream goes on at the source's next
    /// entry point.
    pub(crate) fn bind(&mut self, now: Instant, source: Option<SourceRef>) {
        self.since = Some(now);
        self.source = source;
        self.aimed = Some(WHOLE);
        self.paused = false;
        self.wants = Layers::default();
        self.stop();
    }

    /// What it is to show of its source from its next keyframe on, or of the layer it shows already from the next frame on.
    /// `None` stops it at once.
    pub(crate) fn aim(&mut self, target: Option<Target>) {
        self.aimed = target;
        if target.is_none() {
            self.stop();
        }
    }

    fn stop(&mut self) {
        (self.showing, self.before, self.moving, self.raising, self.open) = (None, None, None, None, false);
    }

    /// What it was aimed at.
    pub(crate) fn aimed(&self) -> Option<Target> {
        self.aimed
    }

    /// What it shows.
    pub(crate) fn showing(&self) -> Option<Target> {
        self.showing.map(|showing| showing.target)
    }

    /// What it sent in the last second, bits per second.
    pub(crate) fn bitrate(&self, now: Instant) -> u64 {
        let [bps] = self.meter.bps(now);
        bps
    }

    /// The layer whose keyframe it waits for at `now`, in order to begin, to move there, or to show more of it where the sender marks
    /// no frame at which that can begin.
    pub(crate) fn awaited(&self, now: Instant, layers: &[Layer], running: Running) -> Option<usize> {
        if !self.kind.is_video() {
            return None;
        }
        let layer = self.target(layers.len(), running)?.layer;
        let shown = self.showing.is_some_and(|showing| showing.target.layer == layer && showing.epoch == layers[layer].epoch);
        let shown = shown && self.raising.is_none_or(|since| now < since + RAISES_WITHIN);
        let decodable = layers[layer].format.is_none_or(|format| self.payload_type(format).is_some());
        (!shown && decodable && self.moving.is_none()).then_some(layer)
    }

    /// What it is aimed at, of what there is.
    fn target(&self, layers: usize, running: Running) -> Option<Target> {
        let aimed = self.aimed?;
        let layer = running.instead_of(aimed.layer.min(layers - 1));
        // In place of a larger layer all of a smaller is shown; of a larger in place of a smaller as little as can be.
        let temporal = match layer.cmp(&aimed.layer) {
            std::cmp::Ordering::Less => Target::ALL,
            std::cmp::Ordering::Equal => aimed.temporal,
            std::cmp::Ordering::Greater => 0,
        };
        Some(Target { layer, temporal })
    }

    fn payload_type(&self, format: Format) -> Option<Pt> {
        self.formats.iter().find(|(own, _)| *own == format).map(|(_, pt)| *pt)
    }

    /// Takes a packet of the bound source and gives `write` what goes to the receiver: nothing, it, or it and what overtook it.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        packet: &Packet,
        (layers, running): (&[Layer], Running),
        counters: &mut Counters,
        mut write: impl FnMut(Outgoing<'_>),
    ) {
        let Some(target) = self.target(layers.len(), running) else {
            return counters.drop(Drop::LayerNotWanted);
        };
        if self.showing.is_some_and(|showing| showing.target.layer == packet.layer && showing.epoch != packet.epoch) {
            self.stop();
        }
        let shown = self.showing.is_some_and(|showing| showing.target.layer == packet.layer);
        if packet.is_padding() {
            if shown {
                let place = self.rewriter.skip(packet.position);
                self.put(now, packet, place, counters, &mut write);
            }
            return;
        }
        if !shown
            && let Some(before) = self.before
            && (before.target.layer, before.epoch) == (packet.layer, packet.epoch)
            && let Some(place) = self.rewriter.place_straggler(packet.position, packet.part.temporal)
        {
            return self.put(now, packet, place, counters, &mut write);
        }
        if self.showing.is_some_and(|showing| showing.target.layer == target.layer) {
            self.moving = None;
        }
        if let Some(since) = self.moving {
            let next_frame = shown && self.rewriter.kept(packet.position, packet.part.temporal).is_none();
            if next_frame || now.saturating_duration_since(since) >= FRAME_ENDS_WITHIN {
                self.begin(now, target.layer, layers, running, counters, &mut write);
                // What was waited for brought the packet along, if it was its own.
                if self.showing.is_some_and(|showing| showing.target.layer == target.layer) {
                    return;
                }
            }
        }
        match self.choose(target, packet) {
            // A frame cut off would be lost; the keyframe is among the recent packets when the frame has ended.
            Choice::Switch if self.open && self.showing.is_some_and(|shown| running.has(shown.target.layer)) => self.moving = Some(now),
            Choice::Switch if self.kind.is_video() => self.begin(now, packet.layer, layers, running, counters, write),
            choice => {
                self.go_on(now, target, choice, packet, counters, &mut write);
                if self.moving.is_some() && !self.open {
                    self.begin(now, target.layer, layers, running, counters, write);
                }
            }
        }
    }

    /// Begins, or moves to a layer, with the keyframe that came of it a moment ago, if one did.
    pub(crate) fn begin(
        &mut self,
        now: Instant,
        layer: usize,
        layers: &[Layer],
        running: Running,
        counters: &mut Counters,
        mut write: impl FnMut(Outgoing<'_>),
    ) {
        let Some(target) = self.target(layers.len(), running) else { return };
        self.moving = None;
        if self.showing.is_some_and(|showing| showing.target.layer == layer && showing.epoch == layers[layer].epoch) {
            return;
        }
        for packet in layers[layer].recent.since_keyframe(now) {
            let choice = self.choose(target, packet);
            self.go_on(now, target, choice, packet, counters, &mut write);
        }
    }

    fn choose(&self, target: Target, packet: &Packet) -> Choice {
        let shown = self.showing();
        if let Some(shown) = shown
            && shown.layer == packet.layer
            && let Some(kept) = self.rewriter.kept(packet.position, packet.part.temporal)
        {
            let temporal = shown.temporal;
            return if kept { Choice::Forward { temporal } } else { Choice::LeaveOut { temporal } };
        }
        match packet.format {
            Format::Vp8 => vp8::select(shown, target, packet.layer, packet.part),
            Format::H264 { .. } => h264::select(shown, target, packet.layer, packet.part),
            Format::Opus | Format::Red => shown.map_or(Choice::Switch, |shown| Choice::Forward { temporal: shown.temporal }),
        }
    }

    fn go_on(
        &mut self,
        now: Instant,
        target: Target,
        choice: Choice,
        packet: &Packet,
        counters: &mut Counters,
        write: &mut impl FnMut(Outgoing<'_>),
    ) {
        if self.payload_type(packet.format).is_none() {
            return counters.drop(Drop::NoCodec);
        }
        let temporal = match choice {
            Choice::Ignore(why) => return counters.drop(why),
            Choice::Switch => {
                counters.layer_switches += u64::from(self.showing.is_some());
                self.before = self.showing;
                self.rewriter.switch(now, packet.position, packet.wallclock, target.temporal);
                self.showing = Some(Showing { target, epoch: packet.epoch });
                target.temporal
            }
            Choice::Forward { temporal } | Choice::LeaveOut { temporal } => temporal,
        };
        let keep = !matches!(choice, Choice::LeaveOut { .. });
        if let Some(showing) = &mut self.showing {
            let rises = temporal > showing.target.temporal || packet.part.entry || target.temporal <= temporal;
            if rises || target.layer != packet.layer {
                self.raising = None;
            } else if !keep {
                self.raising = self.raising.or(Some(now));
            }
            showing.target.temporal = temporal;
        }
        if packet.part.entry {
            self.patience.satisfied();
        }
        let choosing = Choosing { keep, own: packet.part.temporal, upto: temporal };
        let place = self.rewriter.place(now, packet.position, packet.wallclock, choosing);
        self.put(now, packet, place, counters, write);
    }

    /// The packet as RED, if the receiver takes that, its path has room, and the packet before it was sent to it too.
    fn redundant(&self, packet: &Packet, opus: Pt) -> Option<(Pt, Arc<[u8]>)> {
        let redundancy = packet.redundancy.as_ref().filter(|_| !self.tight && !self.rewriter.begins_at(packet.position.seq))?;
        Some((self.payload_type(Format::Red)?, redundancy.payload(opus, &packet.payload)))
    }

    fn put(&mut self, now: Instant, packet: &Packet, place: Place, counters: &mut Counters, write: &mut impl FnMut(Outgoing<'_>)) {
        match place {
            Place::At(out) => self.forward(now, packet, out, counters, write),
            Place::Nowhere => counters.drop(if packet.is_padding() { Drop::Padding } else { Drop::TemporalLayer }),
            Place::TooLate => counters.drop(Drop::BeforeSwitch),
            Place::Hole(hole) => {
                let Some(pt) = self.payload_type(packet.format) else { return };
                // Without payload it is padding to the receiver, which then waits for nothing more. It is not kept for repeats: str0m
                // pads with what is kept, and never comes to an end of that with packets of nothing.
                write(Outgoing { pt, position: hole, marker: false, payload: Arc::from([]), nackable: false, patch: None, packet });
                counters.drop(if packet.is_padding() { Drop::Padding } else { Drop::TemporalLayer });
            }
        }
    }

    fn forward(&mut self, now: Instant, packet: &Packet, out: Position, counters: &mut Counters, write: &mut impl FnMut(Outgoing<'_>)) {
        let Some(pt) = self.payload_type(packet.format) else {
            return counters.drop(Drop::NoCodec);
        };
        let (pt, payload) = self.redundant(packet, pt).unwrap_or_else(|| (pt, packet.payload.clone()));
        let mut patched = None;
        if let Some(descriptor) = packet.vp8 {
            let mut patch = descriptor.patch();
            if let Some(id) = out.picture_id {
                patch = patch.picture_id(id);
            }
            if let Some(index) = out.tl0 {
                patch = patch.tl0_pic_idx(index);
            }
            // A 7-bit PictureID cannot hold the slot's 15 bits: it runs on modulo 128 then.
            let patch = patch.build().or_else(|_| patch.picture_id(out.picture_id.unwrap_or(0) & 0x7f).build());
            let Ok(patch) = patch else {
                return counters.drop(Drop::BadDescriptor);
            };
            patched = Some(patch);
        }
        if self.rewriter.is_newest(out) {
            self.open = !packet.marker && self.kind.is_video();
        }
        counters.packets_forwarded += 1;
        counters.sent.add(self.kind, payload.len());
        self.meter.add(now, 0, payload.len() + crate::layer::HEADER_BYTES);
        let nackable = self.kind.is_video();
        write(Outgoing { pt, position: out, marker: packet.marker, payload, nackable, patch: patched, packet });
    }
}

#[cfg(test)]
#[path = "slot_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "slot_walk_tests.rs"]
mod walk_tests;
