//! A datagram on its way, as long as it would be if chance had no part in its length.

use std::net::SocketAddr;

/// A signature of DTLS has some bytes more or less each time. On the way a handshake's datagram takes up a multiple of so many bytes.
const HANDSHAKE: usize = 256;

#[derive(Clone)]
pub(crate) struct Datagram {
    pub(crate) from: SocketAddr,
    pub(crate) bytes: Vec<u8>,
    /// As long as it is on the way.
    pub(crate) on_the_way: Vec<u8>,
}

impl Datagram {
    pub(crate) fn new(from: SocketAddr, bytes: &[u8]) -> Self {
        let is_dtls = bytes.first().is_some_and(|first| (20..64).contains(first));
        let length = if is_dtls { bytes.len().next_multiple_of(HANDSHAKE) } else { bytes.len() };
        Self { from, bytes: bytes.to_vec(), on_the_way: vec![0; length] }
    }
}

impl AsRef<[u8]> for Datagram {
    fn as_ref(&self) -> &[u8] {
        &self.on_the_way
    }
}
