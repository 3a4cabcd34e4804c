//! Judges what a peer receives in its slots.

use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::media::{KeyframeRequestKind, MediaKind, Mid};
use str0m::rtp::{RtpPacket, Ssrc};
use switchboard_clip::{AudioChecker, AudioReport, Vp8Checker, Vp8Report, ivf, vp8};

use super::blanks::Blanks;
use super::counts::Counts;
use super::freezes::Freezes;
use super::plan::{Judge, Plan};
use super::sequence::Sequence;
use super::stamp::{self, Clock};

/// A decoder that is stuck asks again for a keyframe after this long, as browsers do.
const KEYFRAME_PATIENCE: Duration = Duration::from_millis(300);

/// How long a payload was on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flight {
    pub(crate) is_video: bool,
    pub(crate) took: Duration,
}

/// What came in all slots.
#[derive(Debug)]
pub(super) struct Receiver {
    slots: Vec<Slot>,
    /// The slot of each SSRC that came.
    streams: Vec<(Ssrc, usize)>,
    judge: Judge,
    /// Room for pictures, and since when they are to be expected.
    places: usize,
    expected: Option<Instant>,
    record: bool,
    /// Payloads that came although nobody sent them.
    pub(super) foreign: u64,
    /// Since they were taken last.
    flights: Vec<Flight>,
    /// Of what was sent once the first frame was shown.
    pub(super) kept_flights: Option<Vec<Duration>>,
    pub(super) shown_at: Option<Instant>,
}

#[derive(Debug)]
struct Slot {
    mid: Mid,
    media: Media,
    bytes: u64,
    keyframe_asked: Option<Instant>,
}

#[derive(Debug)]
enum Media {
    Voice(AudioChecker),
    Picture { checker: Box<Vp8Checker>, freezes: Freezes, height: u16, recording: Option<ivf::Writer> },
    VoiceSequence(Sequence),
    PictureSequence(Sequence, Freezes),
}

impl Receiver {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            slots: Vec::new(),
            streams: Vec::new(),
            judge: plan.judge,
            places: plan.video_slots,
            expected: None,
            record: plan.record,
            foreign: 0,
            flights: Vec::new(),
            kept_flights: plan.keep_flights.then(Vec::new),
            shown_at: None,
        }
    }

    /// Media is asked to flow: there should be pictures from here on.
    pub(super) fn expect(&mut self, now: Instant) {
        self.expected.get_or_insert(now);
    }

    /// Takes a packet. Returns whether it completed the first frame that can be shown.
    pub(super) fn handle_packet(&mut self, now: Instant, clock: Clock, rtc: &mut Rtc, packet: &RtpPacket) -> bool {
        let Some(at) = self.slot_of(rtc, packet.header.ssrc) else { return false };
        let recorded = self.record && at == self.first_picture();
        let (seq, timestamp, marker) = (*packet.seq_no, packet.header.timestamp, packet.header.marker);
        let slot = &mut self.slots[at];
        let is_video = slot.media.is_video();
        slot.bytes += packet.payload.len() as u64;
        let stamped = stamp::take(&packet.payload, is_video);
        let media = stamped.map_or(&packet.payload[..], |(_, media)| media);
        if !packet.payload.is_empty() {
            self.foreign += u64::from(stamped.is_none_or(|(stamp, _)| !stamp.intact));
        }
        if let Some((stamp, _)) = stamped {
            let took = clock.since_origin(now).saturating_sub(stamp.sent);
            self.flights.push(Flight { is_video, took });
            if let (Some(kept), Some(shown_at)) = (&mut self.kept_flights, self.shown_at) {
                // What was sent while this side was still connecting has waited for that, not for being forwarded.
                kept.extend((now >= shown_at + took).then_some(took));
            }
        }
        let stuck = match &mut slot.media {
            Media::Voice(checker) => {
                checker.handle_rtp(seq, timestamp, media);
                while checker.poll_packet().is_some() {}
                return false;
            }
            Media::Picture { checker, .. } => {
                checker.handle_rtp(seq, timestamp, marker, media);
                slot.media.take_frames(now, recorded)
            }
            Media::VoiceSequence(sequence) | Media::PictureSequence(sequence, _) if stamped.is_none() => {
                sequence.handle_padding(seq);
                return false;
            }
            Media::VoiceSequence(sequence) => {
                if let Some((stamp, media)) = stamped {
                    sequence.handle(seq, timestamp, stamp, media, false);
                }
                return false;
            }
            Media::PictureSequence(sequence, freezes) => {
                if stamped.is_some_and(|(stamp, media)| sequence.handle(seq, timestamp, stamp, media, true)) {
                    freezes.shown(now);
                }
                sequence.frames_complete > 0 && sequence.keyframes == 0
            }
        };
        let slot = &mut self.slots[at];
        if stuck && slot.keyframe_asked.is_none_or(|asked| now >= asked + KEYFRAME_PATIENCE) {
            slot.keyframe_asked = Some(now);
            if let Some(stream) = rtc.direct_api().stream_rx(&packet.header.ssrc) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
        let first = self.shown_at.is_none() && slot.media.frames_shown() > 0;
        if first {
            self.shown_at = Some(now);
        }
        first
    }

    /// Nothing more will come.
    pub(super) fn finish(&mut self, now: Instant) {
        let recorded = self.record.then(|| self.first_picture());
        for (at, slot) in self.slots.iter_mut().enumerate() {
            match &mut slot.media {
                Media::Voice(checker) => checker.finish(),
                Media::Picture { checker, .. } => {
                    checker.finish();
                    slot.media.take_frames(now, recorded == Some(at));
                }
                Media::VoiceSequence(_) | Media::PictureSequence(..) => {}
            }
        }
    }

    pub(super) fn take_recording(&mut self) -> Option<Vec<u8>> {
        let recordings = self.slots.iter_mut().filter_map(|slot| match &mut slot.media {
            Media::Picture { recording, .. } => recording.take(),
            _ => None,
        });
        recordings.last().map(ivf::Writer::finish)
    }

    /// How long payloads were on their way, since this was asked last.
    pub(super) fn take_flights(&mut self) -> std::vec::Drain<'_, Flight> {
        self.flights.drain(..)
    }

    /// The decoder's view of the first voice and the first picture.
    pub(super) fn reports(&self) -> (AudioReport, Vp8Report) {
        let voice = self.slots.iter().find_map(|slot| if let Media::Voice(checker) = &slot.media { Some(checker.report()) } else { None });
        let picture = self.slots.iter().find_map(|slot| match &slot.media {
            Media::Picture { checker, .. } => Some(checker.report()),
            _ => None,
        });
        (voice.unwrap_or_default(), picture.unwrap_or_default())
    }

    /// Adds what was received by `now` to `counts`.
    pub(super) fn count(&self, now: Instant, counts: &mut Counts) {
        counts.foreign_payloads += self.foreign;
        counts.picture_slots += self.places as u64;
        let empty = self.places.saturating_sub(self.slots.iter().filter(|slot| slot.media.is_video()).count());
        counts.blank += Blanks::expecting(self.expected).lasted(now) * empty as u32;
        for slot in &self.slots {
            let (flow, packets, missing) = match &slot.media {
                Media::Voice(checker) => (&mut counts.audio, checker.report().packets, checker.report().missing),
                Media::Picture { checker, .. } => (&mut counts.video, checker.report().packets, checker.report().missing),
                Media::VoiceSequence(sequence) => (&mut counts.audio, sequence.packets, sequence.missing()),
                Media::PictureSequence(sequence, _) => (&mut counts.video, sequence.packets, sequence.missing()),
            };
            flow.packets += packets;
            let slots = if slot.media.is_video() { &mut counts.pictures } else { &mut counts.voices };
            *slots += u64::from(packets > 0);
            flow.missing += missing;
            flow.bytes += slot.bytes;
            if let Media::Picture { freezes, .. } | Media::PictureSequence(_, freezes) = &slot.media {
                counts.frames_shown += slot.media.frames_shown();
                counts.freezes += freezes.count;
                counts.frozen += freezes.lasted;
                counts.blank += freezes.blanks.lasted(now);
            }
            if let Media::Picture { height, .. } = &slot.media {
                counts.heights.push(*height);
            }
        }
    }

    fn first_picture(&self) -> usize {
        self.slots.iter().position(|slot| slot.media.is_video()).unwrap_or(usize::MAX)
    }

    fn slot_of(&mut self, rtc: &mut Rtc, ssrc: Ssrc) -> Option<usize> {
        if let Some((_, at)) = self.streams.iter().find(|(of, _)| *of == ssrc) {
            return Some(*at);
        }
        let mid = rtc.direct_api().stream_rx(&ssrc).map(|stream| stream.mid())?;
        let is_video = rtc.media(mid)?.kind() == MediaKind::Video;
        let at = self.slots.iter().position(|slot| slot.mid == mid).unwrap_or_else(|| {
            self.slots.push(Slot { mid, media: Media::new(is_video, self.judge, self.expected), bytes: 0, keyframe_asked: None });
            self.slots.len() - 1
        });
        self.streams.push((ssrc, at));
        Some(at)
    }
}

impl Media {
    fn new(is_video: bool, judge: Judge, expected: Option<Instant>) -> Self {
        let freezes = Freezes::expecting(expected);
        match (is_video, judge) {
            (false, Judge::Decode) => Self::Voice(AudioChecker::new()),
            (true, Judge::Decode) => Self::Picture { checker: Box::new(Vp8Checker::new()), freezes, height: 0, recording: None },
            (false, Judge::Sequence) => Self::VoiceSequence(Sequence::default()),
            (true, Judge::Sequence) => Self::PictureSequence(Sequence::default(), freezes),
        }
    }

    fn is_video(&self) -> bool {
        matches!(self, Self::Picture { .. } | Self::PictureSequence(..))
    }

    fn frames_shown(&self) -> u64 {
        match self {
            Self::Picture { checker, .. } => checker.report().frames_decodable,
            Self::PictureSequence(sequence, _) if sequence.keyframes > 0 => sequence.frames_complete,
            _ => 0,
        }
    }

    /// Whether the last whole frame could not be shown.
    fn take_frames(&mut self, now: Instant, record: bool) -> bool {
        let Self::Picture { checker, freezes, height, recording } = self else { return false };
        let mut stuck = false;
        while let Some(frame) = checker.poll_frame() {
            stuck = !frame.decodable;
            if stuck {
                continue;
            }
            freezes.shown(now);
            if let Some((_, of)) = vp8::dimensions(&frame.data) {
                *height = of;
            }
            match recording.as_mut().filter(|_| record) {
                Some(recording) => recording.push(&frame.data, frame.timestamp),
                None if record => *recording = ivf::Writer::starting_with(&frame.data, frame.timestamp),
                None => {}
            }
        }
        stuck
    }
}
