//! Ogg (RFC 3533): takes the packets out of the pages of a file with one logical stream.
//!
//! Checksums are not verified: the file is part of this crate, and whoever alters it will see the tests fail.

use thiserror::Error;

const CAPTURE_PATTERN: &[u8; 4] = b"OggS";
const PAGE_HEADER_BYTES: usize = 27;

/// A segment of this length is continued by the next one; a shorter one ends its packet (RFC 3533 §5).
const FULL_SEGMENT: u8 = 255;

/// Why bytes are not an Ogg file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OggError {
    /// A page does not begin with the capture pattern.
    #[error("not an Ogg page at byte {0}")]
    NotAPage(usize),
    /// The file ends inside a page.
    #[error("the Ogg file ends in the middle of a page")]
    Truncated,
    /// The last packet is not finished.
    #[error("the Ogg file ends in the middle of a packet")]
    UnfinishedPacket,
}

/// All packets of the file, headers included, in their order.
///
/// # Errors
/// The file is no Ogg file, or is cut short.
pub fn packets(file: &[u8]) -> Result<Vec<Vec<u8>>, OggError> {
    let mut packets = Vec::new();
    let mut open: Option<Vec<u8>> = None;
    let mut rest = file;
    while !rest.is_empty() {
        if !rest.starts_with(CAPTURE_PATTERN) {
            return Err(OggError::NotAPage(file.len() - rest.len()));
        }
        let (header, after) = rest.split_first_chunk::<PAGE_HEADER_BYTES>().ok_or(OggError::Truncated)?;
        let segments = usize::from(header[PAGE_HEADER_BYTES - 1]);
        let (lengths, mut body) = after.split_at_checked(segments).ok_or(OggError::Truncated)?;
        for &length in lengths {
            let (segment, after) = body.split_at_checked(usize::from(length)).ok_or(OggError::Truncated)?;
            body = after;
            let mut packet = open.take().unwrap_or_default();
            packet.extend_from_slice(segment);
            if length == FULL_SEGMENT {
                open = Some(packet);
            } else {
                packets.push(packet);
            }
        }
        rest = body;
    }
    if open.is_some() { Err(OggError::UnfinishedPacket) } else { Ok(packets) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::garbage::Garbage;

    fn page(lengths: &[u8], fill: u8) -> Vec<u8> {
        let mut page = CAPTURE_PATTERN.to_vec();
        page.resize(PAGE_HEADER_BYTES - 1, 0);
        page.push(lengths.len() as u8);
        page.extend_from_slice(lengths);
        page.resize(page.len() + lengths.iter().map(|&length| usize::from(length)).sum::<usize>(), fill);
        page
    }

    #[test]
    fn a_packet_may_span_segments_and_pages() {
        let file = [page(&[3, 255, 255], 1), page(&[10, 0], 2)].concat();
        let sizes: Vec<_> = packets(&file).unwrap().iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 520, 0]);
    }

    #[test]
    fn a_file_cut_short_is_refused() {
        let file = page(&[200], 1);
        for cut in 1..file.len() {
            assert!(packets(&file[..cut]).is_err(), "cut at {cut}");
        }
        assert_eq!(packets(&page(&[255], 1)), Err(OggError::UnfinishedPacket));
    }

    #[test]
    fn bytes_between_pages_are_refused() {
        let file = [page(&[1], 1), vec![7]].concat();
        assert_eq!(packets(&file), Err(OggError::NotAPage(file.len() - 1)));
    }

    #[test]
    fn garbage_is_refused_without_a_panic() {
        let mut garbage = Garbage::seeded(2);
        for _ in 0..5_000 {
            let file = [CAPTURE_PATTERN.to_vec(), garbage.bytes(400)].concat();
            let _ = packets(&file);
        }
    }
}
