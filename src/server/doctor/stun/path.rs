//! The way to a STUN or TURN server: datagrams that may be lost, or a stream.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;

use super::message::{HEADER, Reply, Request};
use super::server::{ServerUrl, Transport};

/// How long one waits before a datagram is sent again (RFC 8489 §6.2.1), each time.
const WAITS: [Duration; 4] = [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(1), Duration::from_secs(1)];
/// What a stream may take, retransmissions of TCP included.
const BOUND: Duration = Duration::from_secs(5);
/// No message of these is longer.
const LONGEST: usize = 2_048;

pub(super) enum Path {
    Datagrams(UdpSocket),
    Stream(TcpStream),
}

impl Path {
    /// The way to a server, which need not answer yet.
    pub(super) async fn to(server: &ServerUrl) -> io::Result<Self> {
        let address = timeout(BOUND, lookup_host((server.host.as_str(), server.port))).await??.next();
        let address = address.ok_or_else(|| io::Error::other("the name has no address"))?;
        match server.transport {
            Transport::Udp => {
                let any: SocketAddr = if address.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
                let socket = UdpSocket::bind(any).await?;
                socket.connect(address).await?;
                Ok(Self::Datagrams(socket))
            }
            Transport::Tcp => Ok(Self::Stream(timeout(BOUND, TcpStream::connect(address)).await??)),
            Transport::Tls => Err(io::Error::from(io::ErrorKind::Unsupported)),
        }
    }

    /// Asks until there is a reply.
    pub(super) async fn ask(&mut self, request: &Request) -> io::Result<Reply> {
        match self {
            Self::Datagrams(socket) => {
                for wait in WAITS {
                    socket.send(request.bytes()).await?;
                    match timeout(wait, hear(socket, request)).await {
                        Ok(reply) => return reply,
                        Err(_) => continue,
                    }
                }
                Err(io::ErrorKind::TimedOut.into())
            }
            Self::Stream(stream) => timeout(BOUND, converse(stream, request)).await?,
        }
    }
}

async fn hear(socket: &UdpSocket, request: &Request) -> io::Result<Reply> {
    let mut buffer = [0; LONGEST];
    loop {
        let length = socket.recv(&mut buffer).await?;
        // What is no reply to this may be one to a datagram that was sent twice.
        if let Some(reply) = Reply::to(request, &buffer[..length]) {
            return Ok(reply);
        }
    }
}

async fn converse(stream: &mut TcpStream, request: &Request) -> io::Result<Reply> {
    stream.write_all(request.bytes()).await?;
    let mut message = vec![0; HEADER];
    stream.read_exact(&mut message).await?;
    let length = usize::from(u16::from_be_bytes([message[2], message[3]])).min(LONGEST);
    message.resize(HEADER + length, 0);
    stream.read_exact(&mut message[HEADER..]).await?;
    Reply::to(request, &message).ok_or_else(|| io::Error::other("what listens there does not speak STUN"))
}

/// Why a server could not be asked, in words.
pub(super) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => "it does not answer".to_owned(),
        io::ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => "it hangs up".to_owned(),
        _ => error.to_string(),
    }
}
