//! MP4 (ISO/IEC 14496-12), whole or in fragments: what Safari and Chromium record.

use super::bytes::Bytes;
use super::{Track, seconds};

/// Flags of a fragment's header and of its runs of samples (§8.8.7, §8.8.8).
const BASE_OFFSET: u32 = 0x01;
const DESCRIPTION: u32 = 0x02;
const DEFAULT_DURATION: u32 = 0x08;
const DATA_OFFSET: u32 = 0x01;
const FIRST_FLAGS: u32 = 0x04;
const SAMPLE_DURATION: u32 = 0x100;
/// What follows the duration of a sample: its size, its flags, its offset in time.
const OTHER_FIELDS: [u32; 3] = [0x200, 0x400, 0x800];

/// The one track, as far as it is known.
#[derive(Default)]
struct Reading {
    tracks: u32,
    is_audio: bool,
    rate: u32,
    /// What a sample of a fragment lasts where the fragment does not say.
    default_duration: u32,
    packets: u64,
    /// When the last sample ends.
    end: u64,
    has_data: bool,
}

pub(super) fn track(clip: &[u8]) -> Option<Track> {
    let mut bytes = Bytes(clip);
    let (first, _) = next_box(&mut bytes)?;
    if first != *b"ftyp" {
        return None;
    }
    let mut reading = Reading::default();
    while !bytes.is_empty() {
        // A box that is cut off is the end: a recorder that is stopped may leave one.
        let Some((kind, content)) = next_box(&mut bytes) else { break };
        match &kind {
            b"moov" => reading.movie(content)?,
            b"moof" => reading.fragment(content)?,
            b"mdat" => reading.has_data |= !content.is_empty(),
            _ => {}
        }
    }
    let packets = if reading.has_data { reading.packets } else { 0 };
    (reading.tracks == 1 && reading.is_audio).then(|| Track { packets, duration: seconds(reading.end, reading.rate) })
}

impl Reading {
    fn movie(&mut self, movie: Bytes<'_>) -> Option<()> {
        for track in boxes(movie, b"trak") {
            let media = boxes(track, b"mdia").next()?;
            let mut handler = boxes(media, b"hdlr").next()?;
            handler.skip(8)?;
            self.tracks += 1;
            self.is_audio = handler.take(4)? == b"soun";
            let mut header = boxes(media, b"mdhd").next()?;
            let version = header.u8()?;
            header.skip(if version == 1 { 3 + 16 } else { 3 + 8 })?;
            self.rate = header.u32()?;
            let table = boxes(media, b"minf").next().and_then(|info| boxes(info, b"stbl").next())?;
            self.times(boxes(table, b"stts").next()?)?;
        }
        if let Some(mut defaults) = boxes(movie, b"mvex").next().and_then(|extends| boxes(extends, b"trex").next()) {
            defaults.skip(12)?;
            self.default_duration = defaults.u32()?;
        }
        Some(())
    }

    /// The durations of the samples that stand in no fragment.
    fn times(&mut self, mut table: Bytes<'_>) -> Option<()> {
        table.skip(8)?;
        while !table.is_empty() {
            let (count, duration) = (u64::from(table.u32()?), u64::from(table.u32()?));
            self.packets = self.packets.saturating_add(count);
            self.end = self.end.saturating_add(count.saturating_mul(duration));
        }
        Some(())
    }

    fn fragment(&mut self, fragment: Bytes<'_>) -> Option<()> {
        for track in boxes(fragment, b"traf") {
            let mut header = boxes(track, b"tfhd").next()?;
            let flags = header.u32()? & 0x00ff_ffff;
            header.skip(4)?;
            header.skip(if flags & BASE_OFFSET != 0 { 8 } else { 0 })?;
            header.skip(if flags & DESCRIPTION != 0 { 4 } else { 0 })?;
            let default = if flags & DEFAULT_DURATION != 0 { header.u32()? } else { self.default_duration };
            let mut at = self.end;
            if let Some(mut begins) = boxes(track, b"tfdt").next() {
                let version = begins.u8()?;
                begins.skip(3)?;
                at = if version == 1 { begins.u64()? } else { begins.u32()?.into() };
            }
            for run in boxes(track, b"trun") {
                at = at.saturating_add(self.run(run, default)?);
            }
            self.end = self.end.max(at);
        }
        Some(())
    }

    /// Reads a run of samples; gives how long they last together.
    fn run(&mut self, mut run: Bytes<'_>, default: u32) -> Option<u64> {
        let flags = run.u32()?;
        let count = run.u32()?;
        run.skip(if flags & DATA_OFFSET != 0 { 4 } else { 0 })?;
        run.skip(if flags & FIRST_FLAGS != 0 { 4 } else { 0 })?;
        self.packets = self.packets.saturating_add(count.into());
        if flags & SAMPLE_DURATION == 0 {
            return Some(u64::from(count) * u64::from(default));
        }
        let others = OTHER_FIELDS.iter().filter(|field| flags & **field != 0).count();
        let mut lasts = 0u64;
        for _ in 0..count {
            lasts = lasts.saturating_add(run.u32()?.into());
            run.skip(4 * others)?;
        }
        Some(lasts)
    }
}

/// The boxes of one kind in another box.
fn boxes<'a>(mut parent: Bytes<'a>, wanted: &[u8; 4]) -> impl Iterator<Item = Bytes<'a>> {
    std::iter::from_fn(move || {
        loop {
            let (kind, content) = next_box(&mut parent)?;
            if kind == *wanted {
                return Some(content);
            }
        }
    })
}

/// The next box: its kind, and what is in it.
fn next_box<'a>(bytes: &mut Bytes<'a>) -> Option<([u8; 4], Bytes<'a>)> {
    let size = bytes.u32()?;
    let kind = bytes.array()?;
    let content = match size {
        // To the end of the file.
        0 => bytes.take(bytes.0.len())?,
        1 => {
            let size = usize::try_from(bytes.u64()?).ok()?;
            bytes.take(size.checked_sub(16)?)?
        }
        size => bytes.take(usize::try_from(size).ok()?.checked_sub(8)?)?,
    };
    Some((kind, Bytes(content)))
}
