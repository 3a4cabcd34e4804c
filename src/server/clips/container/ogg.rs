//! Ogg (RFC 3533) with Opus (RFC 7845) or Vorbis in it: what Firefox records.

use super::bytes::Bytes;
use super::{Track, seconds};

/// What each page begins with.
pub(super) const CAPTURE: &[u8; 4] = b"OggS";

/// The flag of the page that a stream begins with.
const FIRST: u8 = 2;

/// The granule position of a page on which no packet ends.
const NO_GRANULE: u64 = u64::MAX;

/// The track's codec, as far as its time goes.
struct Codec {
    /// Packets before the sound.
    headers: u64,
    /// Ticks of granule positions in a second.
    rate: u32,
    /// Ticks at the start that are not played.
    pre_skip: u64,
}

pub(super) fn track(clip: &[u8]) -> Option<Track> {
    let mut bytes = Bytes(clip);
    let mut stream = None;
    let (mut packets, mut end) = (0u64, 0u64);
    // A page that is cut off is the end: a recorder that is stopped may leave one.
    while !bytes.is_empty() {
        let (Some(capture), Some(version)) = (bytes.take(4), bytes.u8()) else { break };
        if capture != CAPTURE || version != 0 {
            return None;
        }
        let Some(page) = page(&mut bytes) else { break };
        match &stream {
            None if page.flags & FIRST != 0 => stream = Some((page.serial, codec(page.body)?)),
            // A second stream beside the first, or after it, is another track.
            Some((serial, _)) if *serial == page.serial && page.flags & FIRST == 0 => {}
            _ => return None,
        }
        packets += page.packets;
        if page.granule != NO_GRANULE {
            end = end.max(page.granule);
        }
    }
    let (_, codec) = stream?;
    let duration = seconds(end.saturating_sub(codec.pre_skip), codec.rate);
    Some(Track { packets: packets.saturating_sub(codec.headers), duration })
}

struct Page<'a> {
    flags: u8,
    granule: u64,
    serial: u32,
    /// How many packets end on it.
    packets: u64,
    body: &'a [u8],
}

/// The page whose capture pattern and version have been read; `None` when it is cut off.
fn page<'a>(bytes: &mut Bytes<'a>) -> Option<Page<'a>> {
    let flags = bytes.u8()?;
    let granule = u64::from_le_bytes(bytes.array()?);
    let serial = u32::from_le_bytes(bytes.array()?);
    // Its number in the stream, and its checksum: sound that was damaged before it came here still is sound.
    bytes.skip(8)?;
    let segments = bytes.u8()?;
    let lacing = bytes.take(segments.into())?;
    let length: usize = lacing.iter().map(|part| usize::from(*part)).sum();
    let body = bytes.take(length)?;
    let packets = lacing.iter().filter(|part| **part < 255).count() as u64;
    Some(Page { flags, granule, serial, packets, body })
}

/// Reads the packet that a stream begins with.
fn codec(header: &[u8]) -> Option<Codec> {
    let mut bytes = Bytes(header);
    if header.starts_with(b"OpusHead") {
        bytes.skip(10)?;
        let pre_skip = u16::from_le_bytes(bytes.array()?);
        Some(Codec { headers: 2, rate: 48_000, pre_skip: pre_skip.into() })
    } else if header.starts_with(b"\x01vorbis") {
        bytes.skip(12)?;
        let rate = u32::from_le_bytes(bytes.array()?);
        Some(Codec { headers: 3, rate, pre_skip: 0 })
    } else {
        None
    }
}
