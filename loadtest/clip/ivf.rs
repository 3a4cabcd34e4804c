//! IVF, the plainest container of VP8: a header of 32 bytes, then each frame with its size and time. Read and written.
//! Every number in it is little-endian.

use thiserror::Error;

use crate::vp8;

const SIGNATURE: &[u8; 4] = b"DKIF";
const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 12;

/// Why bytes are not an IVF file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IvfError {
    /// The signature is missing.
    #[error("not an IVF file")]
    NotIvf,
    /// The time base would divide by zero.
    #[error("the IVF header has no frame rate")]
    NoFrameRate,
    /// The file ends inside a header or a frame.
    #[error("the IVF file ends in the middle of a frame")]
    Truncated,
}

/// What the file says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Codec, for example `VP80`.
    pub fourcc: [u8; 4],
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// One unit of time is `time_base_numerator / time_base_denominator` seconds.
    pub time_base_numerator: u32,
    /// Never 0.
    pub time_base_denominator: u32,
}

/// One frame of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IvfFrame<'a> {
    /// In units of the time base.
    pub time: u64,
    /// The encoded bytes.
    pub data: &'a [u8],
}

/// Reads frames; an iterator that ends after the first error.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    header: Header,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// Everything but [`IvfError::Truncated`] in a frame, which the iterator tells.
    pub fn new(file: &'a [u8]) -> Result<Self, IvfError> {
        let Some((head, _)) = file.split_first_chunk::<HEADER_BYTES>() else { return Err(IvfError::NotIvf) };
        if head[..4] != *SIGNATURE {
            return Err(IvfError::NotIvf);
        }
        let u16_at = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let header = Header {
            fourcc: [head[8], head[9], head[10], head[11]],
            width: u16_at(12),
            height: u16_at(14),
            time_base_denominator: u32_at(16),
            time_base_numerator: u32_at(20),
        };
        if header.time_base_denominator == 0 {
            return Err(IvfError::NoFrameRate);
        }
        let rest = file.get(usize::from(u16_at(6)).max(HEADER_BYTES)..).ok_or(IvfError::Truncated)?;
        Ok(Self { header, rest })
    }

    /// The header.
    pub fn header(&self) -> Header {
        self.header
    }

    fn read_frame(&mut self) -> Result<IvfFrame<'a>, IvfError> {
        let (head, rest) = self.rest.split_first_chunk::<FRAME_HEADER_BYTES>().ok_or(IvfError::Truncated)?;
        let [s0, s1, s2, s3, time @ ..] = *head;
        let size = u32::from_le_bytes([s0, s1, s2, s3]) as usize;
        let (data, rest) = rest.split_at_checked(size).ok_or(IvfError::Truncated)?;
        self.rest = rest;
        Ok(IvfFrame { time: u64::from_le_bytes(time), data })
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<IvfFrame<'a>, IvfError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let frame = self.read_frame();
        if frame.is_err() {
            self.rest = &[];
        }
        Some(frame)
    }
}

/// Writes VP8 frames into an IVF file with the RTP clock as its time base.
#[derive(Debug, Clone)]
pub struct Writer {
    file: Vec<u8>,
    frames: u32,
    last: u32,
    time: u64,
}

impl Writer {
    /// A file that opens with `keyframe`, shown at the RTP `timestamp` (90 kHz). `None` if that is not a keyframe: nothing
    /// could decode the file.
    pub fn starting_with(keyframe: &[u8], timestamp: u32) -> Option<Self> {
        let (width, height) = vp8::dimensions(keyframe)?;
        let mut file = Vec::with_capacity(HEADER_BYTES + FRAME_HEADER_BYTES + keyframe.len());
        file.extend_from_slice(SIGNATURE);
        file.extend_from_slice(&[0, 0, HEADER_BYTES as u8, 0]);
        file.extend_from_slice(b"VP80");
        file.extend_from_slice(&width.to_le_bytes());
        file.extend_from_slice(&height.to_le_bytes());
        file.extend_from_slice(&90_000u32.to_le_bytes());
        file.extend_from_slice(&1u32.to_le_bytes());
        file.extend_from_slice(&[0; 8]);
        let mut writer = Self { file, frames: 0, last: timestamp, time: 0 };
        writer.push(keyframe, timestamp);
        Some(writer)
    }

    /// Adds a frame shown at the RTP `timestamp`.
    pub fn push(&mut self, frame: &[u8], timestamp: u32) {
        self.time += u64::from(timestamp.wrapping_sub(self.last));
        self.last = timestamp;
        self.file.extend_from_slice(&(frame.len() as u32).to_le_bytes());
        self.file.extend_from_slice(&self.time.to_le_bytes());
        self.file.extend_from_slice(frame);
        self.frames += 1;
    }

    /// How many frames were added.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// The finished file.
    pub fn finish(mut self) -> Vec<u8> {
        self.file[24..28].copy_from_slice(&self.frames.to_le_bytes());
        self.file
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clip;
    use crate::garbage::Garbage;

    #[test]
    fn what_was_written_is_read_back() {
        let clip = Clip::vp8();
        let start = u32::MAX - 9_000;
        let mut writer = Writer::starting_with(&clip.frames()[0].data, start).unwrap();
        for (at, frame) in (1..).zip(&clip.frames()[1..]) {
            writer.push(&frame.data, start.wrapping_add(at * 6000));
        }
        let file = writer.finish();
        let reader = Reader::new(&file).unwrap();
        assert_eq!((reader.header().width, reader.header().height, &reader.header().fourcc), (320, 180, b"VP80"));
        let frames: Vec<_> = reader.map(Result::unwrap).collect();
        assert_eq!(frames.len(), 45);
        for (at, (written, read)) in clip.frames().iter().zip(frames).enumerate() {
            assert_eq!((read.time, read.data), (at as u64 * 6000, &written.data[..]));
        }
    }

    #[test]
    fn a_file_cannot_open_with_a_delta_frame() {
        assert!(Writer::starting_with(&Clip::vp8().frames()[1].data, 0).is_none());
    }

    #[test]
    fn a_file_cut_short_tells_so_once() {
        let file = Writer::starting_with(&Clip::vp8().frames()[0].data, 0).unwrap().finish();
        let mut reader = Reader::new(&file[..file.len() - 1]).unwrap();
        assert_eq!(reader.next(), Some(Err(IvfError::Truncated)));
        assert_eq!(reader.next(), None);
    }

    #[test]
    fn garbage_is_refused_without_a_panic() {
        let mut garbage = Garbage::seeded(1);
        for _ in 0..5_000 {
            let mut bytes = garbage.bytes(96);
            if garbage.chance(2) && bytes.len() >= 4 {
                bytes[..4].copy_from_slice(SIGNATURE);
            }
            if let Ok(reader) = Reader::new(&bytes) {
                assert!(reader.count() <= 10);
            }
        }
    }
}
