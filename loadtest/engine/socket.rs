//! A peer's socket.

use std::io::{self, ErrorKind, IoSliceMut};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::UdpGroSegment;
use quinn_udp::{RecvMeta, UdpSockRef, UdpSocketState};

use super::EngineOptions;

/// The largest that the kernel joins by GRO; far larger than any single datagram of WebRTC.
pub(super) const BUFFER_BYTES: usize = 64 * 1024;

/// What became of an attempt to receive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// Datagrams of this many bytes each, the last perhaps shorter, from there; so many bytes in all.
    Some {
        length: usize,
        each: usize,
        source: SocketAddr,
        /// When the system received the first of them, by its clock since 1970. What waits for a busy tester has not come late.
        at: Option<Duration>,
    },
    /// What an earlier datagram met on its way (ICMP); it is lost like any other.
    OfThePath,
    Nothing,
}

#[derive(Debug)]
pub(super) struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
    allow_remote: bool,
    pub(super) local: SocketAddr,
}

impl Socket {
    pub(super) fn bind(address: SocketAddr, options: EngineOptions, registry: &Registry, token: Token) -> io::Result<Self> {
        let mut io = UdpSocket::bind(address)?;
        registry.register(&mut io, token, Interest::READABLE)?;
        let state = UdpSocketState::new(UdpSockRef::from(&io))?;
        if !options.gro {
            setsockopt(&io, UdpGroSegment, &false)?;
        }
        let local = io.local_addr()?;
        Ok(Self { io, state, allow_remote: options.allow_remote, local })
    }

    pub(super) fn receive(&self, buffer: &mut [u8]) -> io::Result<Received> {
        let received = self.io.try_io(|| {
            let mut meta = [RecvMeta::default()];
            self.state.recv(UdpSockRef::from(&self.io), &mut [IoSliceMut::new(buffer)], &mut meta)?;
            let [RecvMeta { len: length, stride: each, addr: source, timestamp: at, .. }] = meta;
            Ok(Received::Some { length, each, source, at })
        });
        match received {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Received::Nothing),
            Err(error) if is_of_the_path(&error) => Ok(Received::OfThePath),
            received => received,
        }
    }

    /// Whether the datagram was sent, or lost on the path as any may be. It is not when the socket has no room.
    pub(super) fn send(&self, datagram: &[u8], destination: SocketAddr) -> io::Result<bool> {
        if !self.allow_remote && !destination.ip().is_loopback() {
            // As on a path that is closed: the peer tries its other candidates, or says that it cannot connect.
            return Ok(true);
        }
        match self.io.send_to(datagram, destination) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) if !is_of_the_path(&error) => Err(error),
            _ => Ok(true),
        }
    }

    pub(super) fn forget(&mut self, registry: &Registry) {
        // It is about to be closed, which forgets it too.
        let _ = registry.deregister(&mut self.io);
    }
}

fn is_of_the_path(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable, PermissionDenied};
    matches!(error.kind(), ConnectionRefused | ConnectionReset | HostUnreachable | NetworkUnreachable | PermissionDenied)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn socket(allow_remote: bool, address: &str) -> Socket {
        let poll = mio::Poll::new().unwrap();
        let options = EngineOptions { threads: 1, gro: false, allow_remote };
        Socket::bind(address.parse().unwrap(), options, poll.registry(), Token(0)).unwrap()
    }

    #[test]
    fn nothing_is_sent_to_another_host_unless_that_is_allowed() {
        // An address for documentation (RFC 5737): on no network. What is sent there fails, or is lost.
        let elsewhere: SocketAddr = "192.0.2.1:9".parse().unwrap();
        let there = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        there.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let careful = socket(false, "127.0.0.1:0");
        // A socket on loopback cannot reach another host: the system would refuse, and is not asked.
        assert!(careful.send(b"load", elsewhere).unwrap());
        assert!(socket(true, "127.0.0.1:0").send(b"load", elsewhere).is_err());
        careful.send(b"load", there.local_addr().unwrap()).unwrap();
        assert_eq!(there.recv(&mut [0; 16]).unwrap(), 4);
    }
}
