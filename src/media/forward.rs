//! The packet path: from a source to every slot that shows it.

use std::time::Instant;

use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc};

use crate::binding::SourceRef;
use crate::counters::Drop;
use crate::error::LegError;
use crate::format::Format;
use crate::leg::{LegId, MAX_STREAMS};
use crate::packet::{Outgoing, Packet};
use crate::policy::{Part, h264, vp8};
use crate::red::{Spoken, Word};
use crate::rewrite::Position;
use crate::router::Router;
use crate::source::{Source, SourceKind, running};
use crate::waiting::Turn;

impl Router {
    pub(crate) fn forward(&mut self, now: Instant, from: LegId, rtp: RtpPacket) {
        let Some(leg) = self.legs.get_mut(&from) else { return };
        self.counters.packets_in += 1;
        let (place, layer) = match leg.layer_of(rtp.header.ssrc) {
            Ok(found) => found,
            Err(why) => return self.counters.drop(why),
        };
        if leg.teems() {
            return self.fail(from, LegError::TooManyStreams(MAX_STREAMS));
        }
        let source = &mut leg.sources[place];
        if !source.flow.admits(now, rtp.payload.len() + crate::layer::HEADER_BYTES) {
            return self.counters.drop(Drop::TooFast);
        }
        self.counters.received.add(source.kind, rtp.payload.len());
        // Followed even behind a shut gate, so that its picture, or a request for one, is there in the moment it opens.
        let (packet, restored) = match read(source, layer, now, rtp) {
            Ok(read) => read,
            Err(why) => return self.counters.drop(why),
        };
        let returns = source.unreadable.read();
        if packet.part.height.is_some() && source.is_not_larger_than_below(layer) {
            self.counters.wrong_dimensions += 1;
        }
        if !leg.gate_open {
            self.counters.drop(Drop::GateShut);
            return if returns {
                self.readable_changed(from)
            };
        }
        if packet.is_padding() {
            self.counters.drop(Drop::Padding);
        }
        let relayed = !source.relays.is_empty();
        self.counters.words_restored += restored.len() as u64;
        for word in restored {
            let packet = packet.restored(word);
            if relayed {
                self.publish_packet((from, place), &packet);
            }
            self.pass_on(now, (from, place), &packet);
        }
        if relayed {
            self.publish_packet((from, place), &packet);
        }
        self.pass_on(now, (from, place), &packet);
        self.notice(from, place, &packet);
        if returns {
            self.readable_changed(from);
        }
    }

    /// Gives a packet of a source to every slot that shows it.
    pub(crate) fn pass_on(&mut self, now: Instant, (from, place): (LegId, usize), packet: &Packet) {
        let Some(source) = self.sources_mut(from).and_then(|sources| sources.get_mut(place)) else { return };
        // They are lent out while the receivers' legs are changed; nothing on that way looks at them.
        let subscribers = std::mem::take(&mut source.subscribers);
        let mut layers = std::mem::take(&mut source.layers);
        let running = running(&layers, now);
        let turn = if source.kind.is_video() { Turn::Rest } else { Turn::Voice };
        let mut keyframe_wanted = false;
        for &(to, place) in &subscribers {
            let Some(leg) = self.legs.get_mut(&to) else { continue };
            let slot = &mut leg.slots[place];
            let staged = leg.staged.of(slot.kind);
            let before = staged.len();
            slot.take(now, packet, (&layers, running), &mut self.counters, stage(staged, slot.ssrc));
            let wrote = staged.len() > before;
            if let Some(awaited) = slot.awaited(now, &layers, running) {
                layers[awaited].keyframe.want();
                keyframe_wanted = true;
            } else if slot.patience.due(now)
                && let Some(showing) = slot.showing()
            {
                layers[showing.layer].keyframe.want();
                keyframe_wanted = true;
            }
            if wrote {
                self.waiting.push(to, &mut leg.waits, turn);
            }
        }
        if let Some(source) = self.sources_mut(from).and_then(|sources| sources.get_mut(place)) {
            source.subscribers = subscribers;
            source.layers = layers;
            if keyframe_wanted {
                self.touch(from);
            }
        }
    }

    /// Gives the slots of a leg that wait for a keyframe the one that passed a moment ago; where there was none, it is asked for.
    /// Call it when slots were bound or aimed.
    pub(crate) fn catch_up(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let bound = leg.slots.iter().enumerate().filter(|(_, slot)| slot.kind.is_video());
        let bound: Vec<(usize, SourceRef)> = bound.filter_map(|(place, slot)| Some((place, slot.source?))).collect();
        let now = self.now;
        for (place, (from, kind)) in bound {
            let Some(source) = self.source(from, kind) else { continue };
            let mut layers = std::mem::take(&mut source.layers);
            let running = running(&layers, now);
            let mut asked = false;
            if let Some(leg) = self.legs.get_mut(&id) {
                let slot = &mut leg.slots[place];
                if let Some(awaited) = slot.awaited(now, &layers, running) {
                    slot.begin(now, awaited, &layers, running, &mut self.counters, stage(leg.staged.of(kind), slot.ssrc));
                    if slot.awaited(now, &layers, running).is_some() {
                        layers[awaited].keyframe.want();
                        asked = true;
                    }
                }
            }
            if let Some(source) = self.source(from, kind) {
                source.layers = layers;
            }
            self.touch(id);
            if asked {
                self.touch(from);
            }
        }
    }

    pub(crate) fn source(&mut self, leg: LegId, kind: SourceKind) -> Option<&mut Source> {
        self.sources_mut(leg)?.iter_mut().find(|source| source.kind == kind)
    }
}

/// Lays what is for a slot's stream by until the leg has its turn.
fn stage(staged: &mut Vec<(Ssrc, RtpWrite)>, ssrc: Ssrc) -> impl FnMut(Outgoing<'_>) {
    move |packet| staged.push((ssrc, packet.into()))
}

/// Reads a packet as the next of its layer; gives it, and what it brings back of a voice.
fn read(source: &mut Source, place: usize, now: Instant, rtp: RtpPacket) -> Result<(Packet, Vec<Word>), Drop> {
    let format = source.format(rtp.header.payload_type);
    let (red, opus) = (format == Some(Format::Red), source.opus());
    let format = if red { Some(Format::Opus) } else { format };
    let clock_rate = source.kind.clock_rate();
    let layer = &mut source.layers[place];
    let padding = rtp.payload.is_empty();
    if padding && layer.format.is_none() {
        return Err(Drop::Padding);
    }
    let format = if padding { layer.format } else { format }.ok_or(Drop::UnknownCodec)?;
    if !layer.follow(now, rtp.header.ssrc, *rtp.seq_no, Some(format)) {
        return Err(Drop::OldStream);
    }
    let (part, vp8) = match format {
        _ if padding => (Part::default(), None),
        Format::Vp8 => vp8::parse(&rtp.payload).map(|(part, descriptor)| (part, Some(descriptor))).ok_or(Drop::BadDescriptor)?,
        Format::H264 { .. } => (h264::parse(&rtp.payload).ok_or(Drop::BadDescriptor)?, None),
        Format::Opus | Format::Red => (Part::default(), None),
    };
    let time = rtp.header.timestamp;
    let heard = rtp.header.ext_vals;
    let mut spoken = Spoken::plain(rtp.payload);
    if format == Format::Opus && !padding {
        spoken = layer.voice.hear(*rtp.seq_no, time, spoken.payload, opus.filter(|_| red))?;
    }
    let packet = Packet {
        layer: place,
        epoch: layer.epoch,
        format,
        position: Position {
            seq: *rtp.seq_no,
            time,
            picture_id: vp8.and_then(|descriptor| descriptor.picture_id()),
            tl0: vp8.and_then(|descriptor| descriptor.tl0_pic_idx()),
        },
        marker: rtp.header.marker,
        payload: spoken.payload,
        // The other extensions speak of the sender's own connection: its clock, its packet counter, its m-lines.
        ext_vals: ExtensionValues {
            audio_level: heard.audio_level,
            voice_activity: heard.voice_activity,
            video_orientation: heard.video_orientation,
            ..ExtensionValues::default()
        },
        wallclock: layer.clock.wallclock(rtp.timestamp, time, clock_rate, layer.is_newest(*rtp.seq_no)),
        vp8,
        part,
        redundancy: spoken.redundancy,
    };
    if !padding {
        layer.note(now, &packet);
    }
    Ok((packet, spoken.restored))
}
