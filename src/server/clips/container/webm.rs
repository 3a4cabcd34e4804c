//! WebM (Matroska, RFC 9559, in EBML, RFC 8794): what Chromium and Firefox record.
//!
//! A recording is written as it is made: it has no duration in its header, and neither the segment nor the clusters say how
//! long they are. So the elements that hold others are entered wherever they stand, and what is in them belongs to the last
//! one entered.

use std::time::Duration;

use super::Track;
use super::bytes::Bytes;

/// The element each file begins with.
pub(super) const EBML: [u8; 4] = [0x1a, 0x45, 0xdf, 0xa3];

const EBML_ID: u32 = u32::from_be_bytes(EBML);
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const CLUSTER: u32 = 0x1f43_b675;
const CLUSTER_TIMESTAMP: u32 = 0xe7;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const SIMPLE_BLOCK: u32 = 0xa3;

const AUDIO: u64 = 2;

/// Nanoseconds of a tick, unless the file says otherwise.
const DEFAULT_SCALE: u64 = 1_000_000;

/// An Opus packet lasts 120 ms at most (RFC 6716 §3.2.5).
const LONGEST_PACKET: Duration = Duration::from_millis(120);

struct Reading {
    scale: u64,
    is_webm: bool,
    tracks: u32,
    is_audio: bool,
    has_codec: bool,
    cluster: u64,
    blocks: u64,
    /// When the last two blocks begin, in ticks.
    last: u64,
    before_last: u64,
}

pub(super) fn track(clip: &[u8]) -> Option<Track> {
    let mut bytes = Bytes(clip);
    let mut reading = Reading {
        scale: DEFAULT_SCALE,
        is_webm: false,
        tracks: 0,
        is_audio: false,
        has_codec: false,
        cluster: 0,
        blocks: 0,
        last: 0,
        before_last: 0,
    };
    while !bytes.is_empty() {
        // An element that is cut off is the end: a recorder that is stopped may leave one.
        let Some((id, size)) = header(&mut bytes) else { break };
        if matches!(id, EBML_ID | SEGMENT | INFO | TRACKS | TRACK_ENTRY | CLUSTER | BLOCK_GROUP) {
            reading.enter(id);
            continue;
        }
        // Only those that are entered may leave open how long they are.
        let size = size?;
        let Some(content) = usize::try_from(size).ok().and_then(|size| bytes.take(size)) else { break };
        reading.element(id, content)?;
    }
    let is_one_track = reading.is_webm && reading.tracks == 1 && reading.is_audio && reading.has_codec;
    is_one_track.then(|| Track { packets: reading.blocks, duration: reading.duration() })
}

impl Reading {
    fn enter(&mut self, id: u32) {
        if id == TRACK_ENTRY {
            self.tracks += 1;
            (self.is_audio, self.has_codec) = (false, false);
        }
    }

    fn element(&mut self, id: u32, content: &[u8]) -> Option<()> {
        match id {
            DOC_TYPE => self.is_webm = matches!(content, b"webm" | b"matroska"),
            TIMESTAMP_SCALE => self.scale = number(content)?,
            TRACK_TYPE => self.is_audio = number(content)? == AUDIO,
            CODEC_ID => self.has_codec = content.starts_with(b"A_"),
            CLUSTER_TIMESTAMP => self.cluster = number(content)?,
            BLOCK | SIMPLE_BLOCK => self.block(content)?,
            _ => {}
        }
        Some(())
    }

    fn block(&mut self, block: &[u8]) -> Option<()> {
        let mut bytes = Bytes(block);
        size(&mut bytes)?;
        let offset = i16::from_be_bytes(bytes.array()?);
        bytes.u8()?;
        if !bytes.is_empty() {
            let begins = self.cluster.saturating_add_signed(offset.into());
            self.blocks += 1;
            if begins > self.last {
                (self.before_last, self.last) = (self.last, begins);
            }
        }
        Some(())
    }

    /// The last block is taken to be as long as the one before it was, which where there was silence is not told.
    fn duration(&self) -> Duration {
        let time = |ticks: u64| Duration::from_nanos(ticks.saturating_mul(self.scale));
        time(self.last).saturating_add(time(self.last - self.before_last).min(LONGEST_PACKET))
    }
}

/// The id of the next element, and its size where it says so.
fn header(bytes: &mut Bytes<'_>) -> Option<(u32, Option<u64>)> {
    let first = *bytes.0.first()?;
    let length = first.leading_zeros() as usize + 1;
    let id = bytes.take(length).filter(|_| length <= 4)?;
    let id = id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    Some((id, size(bytes)?))
}

/// A number of variable length (RFC 8794 §4); the inner `None` is the one that stands for an unknown size.
fn size(bytes: &mut Bytes<'_>) -> Option<Option<u64>> {
    let first = *bytes.0.first()?;
    let length = first.leading_zeros() as usize + 1;
    let all = bytes.take(length).filter(|_| length <= 8)?;
    let marked = all.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let mask = (1u64 << (7 * length)) - 1;
    let value = marked & mask;
    Some((value != mask).then_some(value))
}

/// An unsigned number of up to eight bytes.
fn number(content: &[u8]) -> Option<u64> {
    (content.len() <= 8).then(|| content.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}
