//! One receive-only m-line of a client: a stream of the router's own, carrying now this source, now that one.

use std::sync::Arc;
use std::time::Instant;

use str0m::media::{Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpWrite, Ssrc, Vp8Descriptor};

use crate::binding::SourceRef;
use crate::counters::{Counters, Drop};
use crate::recent::Recent;
use crate::rewrite::{Position, Rewriter};
use crate::source::SourceKind;

/// A source's packet, parsed once for all its receivers.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) position: Position,
    pub(crate) marker: bool,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) ext_vals: ExtensionValues,
    pub(crate) wallclock: Instant,
    pub(crate) vp8: Option<Vp8Descriptor>,
    /// The first packet of a keyframe, or any packet of audio: decoding can begin here.
    pub(crate) entry: bool,
}

#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) kind: SourceKind,
    pub(crate) mid: Mid,
    pub(crate) ssrc: Ssrc,
    /// The payload type the receiver gave the codec.
    pt: Pt,
    pub(crate) source: Option<SourceRef>,
    /// When it last lost its source.
    pub(crate) emptied: Option<Instant>,
    /// Whether its source is being shown; it begins with an entry point.
    flowing: bool,
    rewriter: Rewriter,
}

impl Slot {
    pub(crate) fn new(kind: SourceKind, mid: Mid, ssrc: Ssrc, pt: Pt, rng: &mut fastrand::Rng) -> Self {
        let rewriter = Rewriter::new(kind.clock_rate(), rng);
        Self { kind, mid, ssrc, pt, source: None, emptied: None, flowing: false, rewriter }
    }

    /// Shows another source, or none. Its stream goes on at the source's next entry point.
    pub(crate) fn bind(&mut self, now: Instant, source: Option<SourceRef>) {
        if source.is_none() {
            self.emptied = Some(now);
        }
        self.source = source;
        self.restart();
    }

    /// The source began a new stream: go on at its next entry point.
    pub(crate) fn restart(&mut self) {
        self.flowing = false;
    }

    /// Whether nothing can be shown before a keyframe.
    pub(crate) fn awaits_keyframe(&self) -> bool {
        self.kind.is_video() && !self.flowing
    }

    /// Takes a packet of the bound source and gives `write` what goes to the receiver: nothing, it, or it and what overtook it.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        packet: &Packet,
        recent: &Recent,
        counters: &mut Counters,
        mut write: impl FnMut(RtpWrite),
    ) {
        if self.flowing {
            self.forward(now, packet, counters, &mut write);
        } else if !packet.entry {
            // Should it belong to a keyframe whose beginning is still to come, it is among the recent ones then.
            counters.drop(Drop::AwaitingKeyframe);
        } else if self.kind.is_video() {
            self.begin(now, recent, counters, write);
        } else {
            self.flowing = true;
            self.rewriter.switch(now, packet.position);
            self.forward(now, packet, counters, &mut write);
        }
    }

    /// Begins with the keyframe that the bound source sent a moment ago, if it did.
    pub(crate) fn begin(&mut self, now: Instant, recent: &Recent, counters: &mut Counters, mut write: impl FnMut(RtpWrite)) {
        for packet in recent.since_keyframe(now) {
            if !self.flowing {
                self.flowing = true;
                self.rewriter.switch(now, packet.position);
            }
            self.forward(now, packet, counters, &mut write);
        }
    }

    fn forward(&mut self, now: Instant, packet: &Packet, counters: &mut Counters, write: &mut impl FnMut(RtpWrite)) {
        let Some(out) = self.rewriter.rewrite(now, packet.position) else {
            return counters.drop(Drop::BeforeSwitch);
        };
        let mut rtp = RtpWrite::new(self.pt, out.seq.into(), out.time, packet.wallclock, packet.payload.clone())
            .marker(packet.marker)
            .ext_vals(packet.ext_vals.clone())
            .nackable(self.kind.is_video());
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
            rtp = rtp.vp8_patch(patch);
        }
        counters.packets_forwarded += 1;
        write(rtp);
    }
}

/// A packet of a VP8 frame with the keyframe bit and the start bit as given (RFC 7741 §4.2, §4.3).
#[cfg(test)]
pub(crate) fn video_packet(seq: u64, keyframe: bool, start: bool) -> Packet {
    let payload: Arc<[u8]> = vec![if start { 0x90 } else { 0x80 }, 0x80, 0x80 | 1, 2, u8::from(!keyframe), 0].into();
    let vp8 = Vp8Descriptor::parse(&payload).unwrap();
    let position = Position { seq, time: 3_000, picture_id: vp8.picture_id(), tl0: None };
    let entry = vp8.starts_keyframe(&payload);
    Packet { position, marker: false, payload, ext_vals: ExtensionValues::default(), wallclock: Instant::now(), vp8: Some(vp8), entry }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Receiver {
        slot: Slot,
        recent: Recent,
        counters: Counters,
        out: usize,
    }

    impl Receiver {
        fn new() -> Self {
            let slot = Slot::new(SourceKind::Camera, "v".into(), 1.into(), 96.into(), &mut fastrand::Rng::with_seed(1));
            Self { slot, recent: Recent::default(), counters: Counters::default(), out: 0 }
        }

        /// How many packets go out when these come in.
        fn takes(&mut self, packets: &[Packet]) -> usize {
            let before = self.out;
            for packet in packets {
                self.recent.push(Instant::now(), 1.into(), packet.clone());
                self.slot.take(Instant::now(), packet, &self.recent, &mut self.counters, |_| self.out += 1);
            }
            self.out - before
        }
    }

    #[test]
    fn nothing_goes_out_before_a_keyframe() {
        let mut receiver = Receiver::new();
        assert!(receiver.slot.awaits_keyframe());
        assert_eq!(receiver.takes(&[video_packet(1, false, true), video_packet(2, false, true)]), 0);
        assert_eq!(receiver.takes(&[video_packet(3, true, true)]), 1);
        assert!(!receiver.slot.awaits_keyframe());
        assert_eq!(receiver.counters.dropped(Drop::AwaitingKeyframe), 2, "what came before it is counted");
    }

    #[test]
    fn a_keyframes_rest_that_overtook_its_beginning_is_not_lost() {
        let mut receiver = Receiver::new();
        assert_eq!(receiver.takes(&[video_packet(11, true, false), video_packet(12, true, false)]), 0);
        assert_eq!(receiver.takes(&[video_packet(10, true, true)]), 3);
    }

    #[test]
    fn another_source_waits_for_its_own_keyframe() {
        let mut receiver = Receiver::new();
        receiver.takes(&[video_packet(1, true, true)]);
        receiver.slot.bind(Instant::now(), None);
        receiver.recent.clear();
        assert_eq!(receiver.takes(&[video_packet(900, false, true)]), 0);
        assert_eq!(receiver.takes(&[video_packet(901, true, true)]), 1);
    }

    #[test]
    fn one_who_comes_just_after_the_keyframe_begins_with_it() {
        let mut receiver = Receiver::new();
        receiver.takes(&[video_packet(1, true, true), video_packet(2, false, true)]);
        receiver.slot.restart();
        let mut out = 0;
        receiver.slot.begin(Instant::now(), &receiver.recent, &mut receiver.counters, |_| out += 1);
        assert_eq!(out, 2);
        assert!(!receiver.slot.awaits_keyframe());
    }
}
