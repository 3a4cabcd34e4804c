//! A media socket: batches in, runs out, and never a wait.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::buffers::{self, Shortage};
use super::egress::Run;
use crate::config::local_ips;

/// The largest that the kernel joins by GRO.
const DATAGRAMS: usize = 64 * 1024;

/// What became of a run; the worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sent {
    Yes,
    /// The socket's buffer is full. Media is dropped then, as on any full link: waiting would delay everyone.
    Full,
    /// The operating system refused: no route, or a destination that cannot be.
    Refused,
}

pub(super) struct Socket {
    std: Option<std::net::UdpSocket>,
    io: Option<UdpSocket>,
    state: UdpSocketState,
    address: SocketAddr,
    candidates: Vec<SocketAddr>,
    /// Addresses of this machine, which a datagram may name as its source.
    local: Vec<IpAddr>,
    dual_stack: bool,
    buffers: Vec<u8>,
    shortage: Option<Shortage>,
}

impl Socket {
    /// Binds a port that is reached at `ips`: at the one, or at all addresses of the machine when there are several or the
    /// one is not the machine's own (a public address in front of it).
    pub(super) fn bind(ips: &[IpAddr], port: u16) -> io::Result<Self> {
        let local = local_ips().unwrap_or_default();
        let ip = match ips {
            [one] if local.contains(one) => *one,
            _ if ips.iter().any(IpAddr::is_ipv6) => Ipv6Addr::UNSPECIFIED.into(),
            _ => Ipv4Addr::UNSPECIFIED.into(),
        };
        let dual_stack = ip == IpAddr::from(Ipv6Addr::UNSPECIFIED);
        let socket = socket2::Socket::new(Domain::for_address(SocketAddr::new(ip, port)), Type::DGRAM, Some(Protocol::UDP))?;
        if dual_stack {
            socket.set_only_v6(false)?;
        }
        let shortage = buffers::grow(&socket)?;
        socket.bind(&SocketAddr::new(ip, port).into())?;
        socket.set_nonblocking(true)?;
        let std: std::net::UdpSocket = socket.into();
        let state = UdpSocketState::new(UdpSockRef::from(&std))?;
        let address = std.local_addr()?;
        let candidates = ips.iter().map(|ip| SocketAddr::new(*ip, address.port())).collect();
        let buffers = vec![0; BATCH_SIZE * DATAGRAMS];
        Ok(Self { std: Some(std), io: None, state, address, candidates, local, dual_stack, buffers, shortage })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn candidates(&self) -> &[SocketAddr] {
        &self.candidates
    }

    /// What its buffers lack, if the system did not give as much as was asked for.
    pub(super) fn shortage(&self) -> Option<Shortage> {
        self.shortage
    }

    pub(super) fn max_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    /// Joins the runtime of the thread it is on; everything below needs that.
    pub(super) fn register(&mut self) -> io::Result<()> {
        if let Some(std) = self.std.take() {
            self.io = Some(UdpSocket::from_std(std)?);
        }
        Ok(())
    }

    /// Waits until there is something to receive.
    pub(super) async fn readable(&self) -> io::Result<()> {
        match &self.io {
            Some(io) => io.readable().await,
            None => std::future::pending().await,
        }
    }

    /// Receives one batch and gives each datagram to `take` with its source and the candidate it was sent to. Tells how
    /// many there were, or `None` when there was nothing.
    pub(super) fn receive(&mut self, take: impl FnMut(SocketAddr, SocketAddr, &[u8])) -> io::Result<Option<u64>> {
        self.receive_by(|io, receive| io.try_io(Interest::READABLE, receive), take)
    }

    /// The same in the middle of a turn, when the runtime cannot have learnt yet whether there is something to receive.
    pub(super) fn receive_meanwhile(&mut self, take: impl FnMut(SocketAddr, SocketAddr, &[u8])) -> io::Result<Option<u64>> {
        self.receive_by(|_, receive| receive(), take)
    }

    fn receive_by(
        &mut self,
        attempt: impl FnOnce(&UdpSocket, &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize>,
        mut take: impl FnMut(SocketAddr, SocketAddr, &[u8]),
    ) -> io::Result<Option<u64>> {
        let Some(io) = &self.io else { return Ok(None) };
        let mut meta = [RecvMeta::default(); BATCH_SIZE];
        let received = {
            let mut chunks = self.buffers.chunks_mut(DATAGRAMS).map(IoSliceMut::new);
            let mut slices: [IoSliceMut<'_>; BATCH_SIZE] = std::array::from_fn(|_| chunks.next().expect("a chunk for each of the batch"));
            attempt(io, &mut || self.state.recv(UdpSockRef::from(io), &mut slices, &mut meta))
        };
        let count = match received {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut taken = 0;
        for (meta, buffer) in meta.iter().zip(self.buffers.chunks(DATAGRAMS)).take(count) {
            let source = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
            let candidate = self.candidate(source, meta.dst_ip.map(|ip| ip.to_canonical()));
            for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
                take(source, candidate, datagram);
                taken += 1;
            }
        }
        Ok(Some(taken))
    }

    /// Sends a run, or does not. A run that is refused is tried again datagram by datagram: a network card that cannot cut
    /// runs shows by that.
    pub(super) fn send(&self, run: &Run<'_>) -> Sent {
        let sent = self.try_send(run);
        if sent != Sent::Refused || run.datagrams() == 1 {
            return sent;
        }
        let mut worst = Sent::Yes;
        for datagram in run.contents.chunks(run.segment) {
            worst = worst.max(self.try_send(&Run { contents: datagram, ..*run }));
        }
        worst
    }

    fn try_send(&self, run: &Run<'_>) -> Sent {
        let Some(io) = &self.io else { return Sent::Refused };
        let ip = match run.destination.ip() {
            IpAddr::V4(ip) if self.dual_stack => ip.to_ipv6_mapped().into(),
            ip => ip,
        };
        let source = run.source.ip();
        let names_source = self.address.ip().is_unspecified() && source.is_ipv6() == self.dual_stack && self.local.contains(&source);
        let transmit = Transmit {
            destination: SocketAddr::new(ip, run.destination.port()),
            ecn: None,
            contents: run.contents,
            segment_size: (run.datagrams() > 1).then_some(run.segment),
            src_ip: names_source.then_some(source),
        };
        match io.try_io(Interest::WRITABLE, || self.state.try_send(UdpSockRef::from(io), &transmit)) {
            Ok(()) => Sent::Yes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Sent::Full,
            Err(_) => Sent::Refused,
        }
    }

    /// The candidate that something from `source` was sent to: the address it names if that is one, else (behind a public address) the
    /// first of its family.
    pub(super) fn candidate(&self, source: SocketAddr, destination: Option<IpAddr>) -> SocketAddr {
        let named = self.candidates.iter().find(|candidate| Some(candidate.ip()) == destination);
        let family = || self.candidates.iter().find(|candidate| candidate.is_ipv4() == source.is_ipv4());
        *named.or_else(family).unwrap_or(&self.candidates[0])
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket as StdSocket;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    /// Sends a datagram to the socket from this address and has it sent back in a run of two; gives what came back.
    async fn echoes(socket: &mut Socket, ip: IpAddr) -> Vec<Vec<u8>> {
        let client = StdSocket::bind((ip, 0)).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let candidate = *socket.candidates().iter().find(|candidate| candidate.ip() == ip).unwrap();
        client.send_to(b"hello", candidate).unwrap();
        timeout(Duration::from_secs(5), socket.readable()).await.expect("the datagram arrives").unwrap();
        let mut heard = Vec::new();
        socket.receive(|source, candidate, datagram| heard.push((source, candidate, datagram.to_vec()))).unwrap();
        assert_eq!(heard, [(client.local_addr().unwrap(), candidate, b"hello".to_vec())], "addresses are those that peers know");
        let run = Run { source: candidate, destination: heard[0].0, contents: b"onetwo", segment: 3 };
        assert_eq!(socket.send(&run), Sent::Yes);
        let mut buffer = [0; 100];
        let mut receive = || client.recv_from(&mut buffer).map(|(length, from)| (from, buffer[..length].to_vec())).unwrap();
        let back = [receive(), receive()];
        assert!(back.iter().all(|(from, _)| *from == candidate), "what goes out comes from the candidate: {back:?}");
        back.map(|(_, datagram)| datagram).to_vec()
    }

    #[tokio::test]
    async fn one_socket_serves_both_families_and_answers_from_the_address_it_was_asked_at() {
        let loopback = local_ips().unwrap().into_iter().filter(IpAddr::is_loopback);
        let ips: Vec<IpAddr> = loopback.collect();
        let mut socket = Socket::bind(&ips, 0).unwrap();
        socket.register().unwrap();
        for ip in ips {
            assert_eq!(echoes(&mut socket, ip).await, [b"one", b"two"], "{ip}");
        }
    }
}
