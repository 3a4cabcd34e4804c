//! Frames: the length in four bytes, the most significant first, and as many bytes of JSON.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest: who has a hundred thousand contacts fits in.
pub(super) const LONGEST: usize = 4 * 1024 * 1024;

/// Adds a frame to `bytes`. One that nobody would read is left out.
pub(super) fn put<T: Serialize>(bytes: &mut Vec<u8>, word: &T) {
    let start = bytes.len();
    bytes.extend([0; 4]);
    let written = serde_json::to_writer(&mut *bytes, word);
    match (written, u32::try_from(bytes.len() - start - 4)) {
        (Ok(()), Ok(length)) if length as usize <= LONGEST => bytes[start..start + 4].copy_from_slice(&length.to_be_bytes()),
        (written, _) => {
            tracing::error!(length = bytes.len() - start, ?written, "a word between nodes is lost: it is too long");
            bytes.truncate(start);
        }
    }
}

/// Reads a frame of at most `longest` bytes.
pub(super) async fn read<T: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin), longest: usize) -> io::Result<T> {
    let length = from.read_u32().await? as usize;
    if length > longest {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).await?;
    serde_json::from_slice(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[tokio::test]
    async fn frames_are_read_as_they_were_put_and_what_is_too_long_is_left_out() {
        let mut bytes = Vec::new();
        put(&mut bytes, &"first");
        put(&mut bytes, &"x".repeat(LONGEST));
        put(&mut bytes, &"second");
        let mut from = bytes.as_slice();
        assert_eq!(read::<String>(&mut from, LONGEST).await.unwrap(), "first");
        assert_eq!(read::<String>(&mut from, LONGEST).await.unwrap(), "second");
        assert_eq!(read::<String>(&mut from, LONGEST).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_length_or_words_that_cannot_be_right_are_refused_before_there_is_room_made_for_them() {
        for garbage in [&b"\xff\xff\xff\xff"[..], b"\x00\x00\x00\x09{}", b"\x00\x00\x00\x02{}", b"GET / HTTP/1.1\r\n\r\n"] {
            read::<String>(&mut &*garbage, 8).await.unwrap_err();
        }
    }
}
