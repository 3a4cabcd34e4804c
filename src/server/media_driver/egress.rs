//! What goes out, gathered into runs: datagrams to one destination, all of one size but for a smaller last, are one call
//! to the kernel (UDP GSO) and half the cost.

use std::net::SocketAddr;

/// The kernel takes no more than this in one call; the IP and UDP headers count.
const MAX_BYTES: usize = 65_000;

/// Datagrams for one destination, to be cut at every `segment` bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run<'a> {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) contents: &'a [u8],
    pub(super) segment: usize,
}

impl Run<'_> {
    pub(super) fn datagrams(&self) -> u64 {
        self.contents.len().div_ceil(self.segment) as u64
    }
}

/// The run being gathered. Its buffer is kept, so gathering allocates nothing.
#[derive(Debug)]
pub(super) struct Egress {
    buffer: Vec<u8>,
    addresses: Option<(SocketAddr, SocketAddr)>,
    segment: usize,
    segments: usize,
    /// A smaller datagram came: it is the last of its run.
    closed: bool,
}

impl Egress {
    pub(super) fn new() -> Self {
        Self { buffer: Vec::with_capacity(MAX_BYTES), addresses: None, segment: 0, segments: 0, closed: false }
    }

    /// Adds a datagram, after giving `send` the run before if it cannot join it: a run has at most `max_segments`, which the
    /// socket lowers when it learns that the network card cannot cut runs. Empty datagrams say nothing and are left out.
    pub(super) fn push(
        &mut self,
        max_segments: usize,
        (source, destination): (SocketAddr, SocketAddr),
        datagram: &[u8],
        send: impl FnMut(&Run<'_>),
    ) {
        if datagram.is_empty() {
            return;
        }
        if self.segments >= max_segments || !self.joins(source, destination, datagram.len()) {
            self.flush(send);
            self.addresses = Some((source, destination));
            self.segment = datagram.len();
        }
        self.closed = datagram.len() < self.segment;
        self.segments += 1;
        self.buffer.extend_from_slice(datagram);
    }

    /// Gives `send` what is gathered.
    pub(super) fn flush(&mut self, mut send: impl FnMut(&Run<'_>)) {
        if let Some((source, destination)) = self.addresses.take() {
            send(&Run { source, destination, contents: &self.buffer, segment: self.segment });
        }
        self.buffer.clear();
        self.segments = 0;
        self.closed = false;
    }

    fn joins(&self, source: SocketAddr, destination: SocketAddr, length: usize) -> bool {
        self.addresses == Some((source, destination)) && !self.closed && length <= self.segment && self.buffer.len() + length <= MAX_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(max_segments: usize, datagrams: &[(u16, usize)]) -> Vec<(u16, u64, usize)> {
        let mut egress = Egress::new();
        let mut sent = Vec::new();
        let mut send = |run: &Run<'_>| sent.push((run.destination.port(), run.datagrams(), run.contents.len()));
        let source = SocketAddr::from(([127, 0, 0, 1], 7000));
        for (port, length) in datagrams {
            let addresses = (source, SocketAddr::from(([127, 0, 0, 1], *port)));
            egress.push(max_segments, addresses, &vec![1; *length], &mut send);
        }
        egress.flush(&mut send);
        egress.flush(&mut send);
        sent
    }

    #[test]
    fn equal_datagrams_to_one_place_are_one_run() {
        assert_eq!(runs(64, &[(1, 1_100), (1, 1_100), (1, 1_100)]), [(1, 3, 3_300)]);
    }

    #[test]
    fn a_smaller_one_ends_the_run() {
        assert_eq!(runs(64, &[(1, 1_100), (1, 400), (1, 400), (1, 1_100)]), [(1, 2, 1_500), (1, 1, 400), (1, 1, 1_100)]);
    }

    #[test]
    fn another_destination_begins_another_run() {
        assert_eq!(runs(64, &[(1, 100), (2, 100), (1, 100)]), [(1, 1, 100), (2, 1, 100), (1, 1, 100)]);
    }

    #[test]
    fn the_kernels_limits_are_kept() {
        assert_eq!(runs(2, &[(1, 100); 5]), [(1, 2, 200), (1, 2, 200), (1, 1, 100)]);
        let sent = runs(64, &[(1, 1_200); 60]);
        assert!(sent.iter().all(|(_, _, bytes)| *bytes <= MAX_BYTES));
        assert_eq!(sent.iter().map(|(_, datagrams, _)| datagrams).sum::<u64>(), 60);
    }
}
