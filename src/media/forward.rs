//! The packet path: from a source to every slot that shows it.

use std::time::Instant;

use str0m::Rtc;
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc, Vp8Descriptor};

use crate::binding::SourceRef;
use crate::counters::Drop;
use crate::leg::LegId;
use crate::rewrite::Position;
use crate::router::Router;
use crate::slot::Packet;
use crate::source::{Source, SourceKind};

impl Router {
    pub(crate) fn forward(&mut self, now: Instant, from: LegId, rtp: RtpPacket) {
        let Some(leg) = self.legs.get_mut(&from) else { return };
        self.counters.packets_in += 1;
        let ssrc = rtp.header.ssrc;
        let place = match leg.source_of(ssrc) {
            Ok(place) => place,
            Err(why) => return self.counters.drop(why),
        };
        let source = &mut leg.sources[place];
        // Without payload it is padding that the sender probes the path with.
        if rtp.payload.is_empty() {
            return self.counters.drop(Drop::Padding);
        }
        let stream_before = source.ssrc;
        // Followed even behind a shut gate, so that its picture, or a request for one, is there in the moment it opens.
        if !source.follow(now, ssrc) {
            return self.counters.drop(Drop::OldStream);
        }
        let new_stream = source.ssrc != stream_before;
        let packet = match parse(source, rtp) {
            Ok(packet) => packet,
            Err(why) => return self.counters.drop(why),
        };
        if packet.entry {
            source.keyframe.satisfied();
        }
        if source.kind.is_video() {
            source.recent.push(now, ssrc, packet.clone());
        }
        if !leg.gate_open {
            return self.counters.drop(Drop::GateShut);
        }
        // The lists are lent out while the receivers' legs are changed; nothing on that way looks at them.
        let subscribers = std::mem::take(&mut source.subscribers);
        let recent = std::mem::take(&mut source.recent);
        let mut keyframe_wanted = false;
        for &(to, place) in &subscribers {
            let Some(leg) = self.legs.get_mut(&to) else { continue };
            let slot = &mut leg.slots[place];
            if new_stream {
                slot.restart();
            }
            slot.take(now, &packet, &recent, &mut self.counters, writer(&mut leg.rtc, slot.ssrc));
            keyframe_wanted |= slot.awaits_keyframe();
            if !leg.touched {
                leg.touched = true;
                self.touched.push_back(to);
            }
        }
        if let Some(leg) = self.legs.get_mut(&from) {
            leg.sources[place].subscribers = subscribers;
            leg.sources[place].recent = recent;
            if keyframe_wanted {
                leg.sources[place].keyframe.want();
                self.touch(from);
            }
        }
    }

    /// Gives the slots of a leg that wait for a keyframe the one that passed a moment ago, where there was one.
    pub(crate) fn catch_up(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let waiting = leg.slots.iter().enumerate().filter(|(_, slot)| slot.awaits_keyframe());
        let waiting: Vec<(usize, SourceRef)> = waiting.filter_map(|(place, slot)| Some((place, slot.source?))).collect();
        for (place, (from, kind)) in waiting {
            let Some(source) = self.source(from, kind) else { continue };
            let recent = std::mem::take(&mut source.recent);
            if let Some(leg) = self.legs.get_mut(&id) {
                let slot = &mut leg.slots[place];
                slot.begin(self.now, &recent, &mut self.counters, writer(&mut leg.rtc, slot.ssrc));
            }
            if let Some(source) = self.source(from, kind) {
                source.recent = recent;
            }
        }
    }

    pub(crate) fn source(&mut self, leg: LegId, kind: SourceKind) -> Option<&mut Source> {
        self.legs.get_mut(&leg)?.sources.iter_mut().find(|source| source.kind == kind)
    }
}

/// Writes to a slot's stream. Several packets are written before their leg is drained, which is once for a whole batch. str0m
/// asks for a drain after each change; its RTP writes only append to a queue that the next input looks at, so they are one change.
fn writer(rtc: &mut Rtc, ssrc: Ssrc) -> impl FnMut(RtpWrite) {
    move |rtp| {
        if let Some(stream) = rtc.direct_api().stream_tx(&ssrc) {
            stream.write_rtp(rtp);
        }
    }
}

fn parse(source: &mut Source, rtp: RtpPacket) -> Result<Packet, Drop> {
    if rtp.header.payload_type != source.pt {
        return Err(Drop::UnknownCodec);
    }
    let vp8 = if source.kind.is_video() { Some(Vp8Descriptor::parse(&rtp.payload).map_err(|_| Drop::BadDescriptor)?) } else { None };
    let time = rtp.header.timestamp;
    let heard = rtp.header.ext_vals;
    Ok(Packet {
        position: Position {
            seq: *rtp.seq_no,
            time,
            picture_id: vp8.and_then(|descriptor| descriptor.picture_id()),
            tl0: vp8.and_then(|descriptor| descriptor.tl0_pic_idx()),
        },
        marker: rtp.header.marker,
        entry: vp8.is_none_or(|descriptor| descriptor.starts_keyframe(&rtp.payload)),
        payload: rtp.payload,
        // The other extensions speak of the sender's own connection: its clock, its packet counter, its m-lines.
        ext_vals: ExtensionValues {
            audio_level: heard.audio_level,
            voice_activity: heard.voice_activity,
            video_orientation: heard.video_orientation,
            ..ExtensionValues::default()
        },
        wallclock: source.wallclock(rtp.timestamp, time),
        vp8,
    })
}
