//! A simulcast layer of a source, or all of one that has none: which stream it is, and what is known of it.

use std::time::{Duration, Instant};

use str0m::media::Rid;
use str0m::rtp::Ssrc;

use crate::absence::Absence;
use crate::format::Format;
use crate::keyframe::KeyframeAsk;
use crate::media_clock::MediaClock;
use crate::meter::Meter;
use crate::packet::Packet;
use crate::recent::Recent;
use crate::red::Incoming;
use crate::target::LayerFacts;

/// A stream this long silent has ended. Stragglers of the one before come while it runs; a sender that goes back to the one
/// before comes after it.
const SILENT_FOR: Duration = Duration::from_millis(500);
/// A layer has stopped when it is silent for this many of its frames while others of its source arrive, but not before
/// [`STOPPED_AFTER`]: frames are late at times.
const STOPPED_AFTER_FRAMES: u32 = 4;
const STOPPED_AFTER: Duration = Duration::from_millis(250);
/// Of a picture that hardly moves, frames come this seldom.
const LONGEST_INTERVAL: Duration = Duration::from_secs(1);
/// A hole of this many packets is not filled any more: they are a second of a large picture.
const LARGEST_HOLE: u64 = 1_000;
/// What a wire packet has beside its payload: RTP header and the extensions of a media packet.
pub(crate) const HEADER_BYTES: usize = 24;

#[derive(Debug, Default)]
pub(crate) struct Layer {
    /// Its name; none without simulcast.
    pub(crate) rid: Option<Rid>,
    /// The stream it is sent as at the moment; none before its first packet.
    pub(crate) ssrc: Option<Ssrc>,
    /// The stream it was sent as before: its last packets may come late.
    ssrc_before: Option<Ssrc>,
    /// When the stream it is sent as was heard last.
    pub(crate) heard: Option<Instant>,
    /// The format of its packets.
    pub(crate) format: Option<Format>,
    /// Counts the streams: what follows a change of SSRC, of format, or a leap of sequence numbers is another.
    pub(crate) epoch: u32,
    /// The newest sequence number of the stream.
    newest: u64,
    pub(crate) absence: Absence,
    pub(crate) keyframe: KeyframeAsk,
    pub(crate) clock: MediaClock,
    /// Of video, what came in the last moment.
    pub(crate) recent: Recent,
    /// Of a voice, what RED is made of and made from.
    pub(crate) voice: Incoming,
    meter: Meter<4>,
    /// Height of its picture in pixels, from its last keyframe.
    pub(crate) height: Option<u16>,
    temporals: u8,
    /// The time between two frames, smoothed; and the newest frame by its RTP time, and when it began.
    interval: Duration,
    frame: Option<(u32, Instant)>,
}

impl Layer {
    pub(crate) fn new(rid: Option<Rid>) -> Self {
        Self { rid, temporals: 1, ..Self::default() }
    }

    /// Takes a packet's stream for the one it is sent as. False for a straggler of the stream before.
    pub(crate) fn follow(&mut self, now: Instant, ssrc: Ssrc, seq: u64, format: Option<Format>) -> bool {
        if self.ssrc != Some(ssrc) {
            let running = self.heard.is_some_and(|heard| now.saturating_duration_since(heard) < SILENT_FOR);
            if running && self.ssrc_before == Some(ssrc) {
                return false;
            }
            self.ssrc_before = self.ssrc.replace(ssrc);
            self.begin_stream(seq);
        }
        let ahead = seq.wrapping_sub(self.newest) as i64;
        if ahead > LARGEST_HOLE as i64 || format.is_some() && format != self.format {
            self.begin_stream(seq);
        } else if ahead < -(LARGEST_HOLE as i64) {
            return false;
        }
        self.newest = if ahead > 0 { seq } else { self.newest };
        self.format = format.or(self.format);
        self.heard = Some(now);
        self.keyframe.heard();
        true
    }

    /// What another router has to know of it to go on with it.
    pub(crate) fn for_elsewhere(&self) -> Self {
        let &Self { rid, heard, format, epoch, height, temporals, interval, frame, .. } = self;
        let (recent, meter) = (self.recent.clone(), self.meter.clone());
        Self { rid, heard, format, epoch, recent, meter, height, temporals, interval, frame, ..Self::default() }
    }

    /// Takes a packet that another router has read and taken for the next.
    pub(crate) fn follow_elsewhere(&mut self, now: Instant, packet: &Packet) {
        if self.epoch != packet.epoch {
            self.begin_stream(packet.position.seq);
            self.epoch = packet.epoch;
        }
        (self.format, self.heard) = (Some(packet.format), Some(now));
        if packet.part.entry {
            // The floor between two requests is kept there.
            self.keyframe = KeyframeAsk::default();
        }
        if !packet.is_padding() {
            self.note(now, packet);
        }
    }

    /// Whether nothing of the stream came that was sent after this.
    pub(crate) fn is_newest(&self, seq: u64) -> bool {
        seq == self.newest
    }

    /// Whether the newest packet of the stream was sent before one with this number on the wire.
    pub(crate) fn is_before(&self, seq: u16) -> bool {
        seq.wrapping_sub(self.newest as u16) as i16 > 0
    }

    fn begin_stream(&mut self, seq: u64) {
        self.epoch = self.epoch.wrapping_add(1);
        self.newest = seq;
        self.frame = None;
        self.temporals = 1;
        self.recent.clear();
        self.voice.restart();
    }

    /// Learns from a packet of it, and keeps a video packet for whoever comes a moment later.
    pub(crate) fn note(&mut self, now: Instant, packet: &Packet) {
        if packet.part.entry {
            self.keyframe.satisfied();
        }
        if self.format == Some(Format::Opus) {
            self.meter.add(now, 0, packet.payload.len() + HEADER_BYTES);
            return;
        }
        self.meter.add(now, usize::from(packet.part.temporal), packet.payload.len() + HEADER_BYTES);
        self.temporals = self.temporals.max(packet.part.temporal + 1);
        self.height = packet.part.height.or(self.height);
        if self.frame.is_none_or(|(time, _)| packet.position.time.wrapping_sub(time) as i32 > 0) {
            if let Some((_, began)) = self.frame {
                let since = now.saturating_duration_since(began).min(LONGEST_INTERVAL);
                self.interval = if self.interval.is_zero() { since } else { (7 * self.interval + since) / 8 };
            }
            self.frame = Some((packet.position.time, now));
        }
        self.recent.push(now, packet.clone());
    }

    /// How many temporal layers it was seen to have, at least 1.
    pub(crate) fn temporals(&self) -> u8 {
        self.temporals
    }

    /// Whether it was arriving at `now`, an instant at which its source was.
    pub(crate) fn runs(&self, now: Instant) -> bool {
        let patience = STOPPED_AFTER.max(STOPPED_AFTER_FRAMES * self.interval);
        self.heard.is_some_and(|heard| now.saturating_duration_since(heard) <= patience)
    }

    /// What is known of it, given whether it runs and how high its picture is taken to be before a keyframe told.
    pub(crate) fn facts(&self, now: Instant, running: bool, guess: u16) -> LayerFacts {
        let mut bps = self.meter.bps(now);
        for temporal in 1..bps.len() {
            bps[temporal] += bps[temporal - 1];
        }
        let temporals = if self.absence.is_missing() { 0 } else { self.temporals };
        LayerFacts { running, height: self.height.unwrap_or(guess), temporals, bps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::video_packet;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_straggler_does_not_bring_the_old_stream_back_but_a_return_does() {
        let (one, other): (Ssrc, Ssrc) = (1.into(), 2.into());
        let mut layer = Layer::new(None);
        let start = Instant::now();
        assert!(layer.follow(start, one, 10, None));
        assert!(layer.follow(start, other, 9_000, None));
        assert!(!layer.follow(start + 50 * MS, one, 11, None), "overtaken on its way");
        assert_eq!(layer.ssrc, Some(other));
        assert!(layer.follow(start + SILENT_FOR, one, 12, None), "the other has ended: the sender went back");
        assert_eq!(layer.ssrc, Some(one));
    }

    #[test]
    fn a_leap_of_sequence_numbers_begins_another_stream_and_a_hole_does_not() {
        let (mut layer, now) = (Layer::new(None), Instant::now());
        let mut epochs = Vec::new();
        for seq in [70_000, 70_001, 70_500, 70_400, 75_000, 75_001, u64::MAX - 5] {
            layer.follow(now, 1.into(), seq, None);
            epochs.push(layer.epoch);
        }
        assert_eq!(epochs, [1, 1, 1, 1, 2, 2, 2]);
        assert!(!layer.follow(now, 1.into(), 70_600, None), "what is left of the time before the leap");
    }

    #[test]
    fn it_runs_while_frames_come_at_its_own_pace() {
        let (mut layer, start) = (Layer::new(None), Instant::now());
        for frame in 0..20 {
            let mut packet = video_packet(frame, false, true);
            packet.position.time = frame as u32 * 90_000;
            layer.follow(start + frame as u32 * 1_000 * MS, 1.into(), frame, None);
            layer.note(start + frame as u32 * 1_000 * MS, &packet);
        }
        let last = start + 19_000 * MS;
        assert!(layer.runs(last + 3_000 * MS), "a picture a second");
        assert!(!layer.runs(last + 5_000 * MS));
        assert!(!Layer::new(None).runs(last), "nothing came of it");
    }

    #[test]
    fn rates_add_up_over_the_temporal_layers() {
        let (mut layer, start) = (Layer::new(None), Instant::now());
        for at in 0..100 {
            let mut packet = video_packet(at, false, true);
            packet.part.temporal = (at % 2) as u8;
            layer.note(start + at as u32 * 10 * MS, &packet);
        }
        let facts = layer.facts(start + 1_000 * MS, true, 180);
        let bytes = (video_packet(0, false, true).payload.len() + HEADER_BYTES) as u64;
        assert!(facts.bps[0].abs_diff(50 * 8 * bytes) < 20 * bytes, "{facts:?}");
        assert!(facts.bps[1].abs_diff(100 * 8 * bytes) < 40 * bytes && facts.bps[1] == facts.bps[3], "{facts:?}");
        assert_eq!((facts.temporals, facts.height), (2, 180));
    }
}
