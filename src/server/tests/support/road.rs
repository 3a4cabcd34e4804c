//! What the media of a peer goes by: datagrams, or frames over a TCP connection (RFC 4571).

use std::net::SocketAddr;

use str0m::Candidate;
use str0m::net::{Protocol, TcpType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

pub enum Road {
    Udp(UdpSocket),
    /// Opened when the answer says where to.
    Tcp(Option<Connection>),
}

pub struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Road {
    pub async fn by_udp() -> Self {
        Self::Udp(UdpSocket::bind("127.0.0.1:0").await.unwrap())
    }

    pub fn by_tcp() -> Self {
        Self::Tcp(None)
    }

    /// Connects, where there is something to connect, to what an answer has for it.
    pub async fn open(&mut self, answer: &str) {
        if let Self::Tcp(connection @ None) = self {
            let stream = TcpStream::connect(tcp_candidate(answer)).await.unwrap();
            *connection = Some(Connection { stream, unread: Vec::new() });
        }
    }

    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Udp(_) => Protocol::Udp,
            Self::Tcp(_) => Protocol::Tcp,
        }
    }

    /// This end.
    pub fn local(&self) -> SocketAddr {
        match self {
            Self::Udp(socket) => socket.local_addr().unwrap(),
            Self::Tcp(connection) => connection.as_ref().unwrap().stream.local_addr().unwrap(),
        }
    }

    /// This end as ICE knows it, once it is open.
    pub fn candidate(&self) -> Option<Candidate> {
        match self {
            Self::Udp(_) => Some(Candidate::host(self.local(), "udp").unwrap()),
            Self::Tcp(None) => None,
            Self::Tcp(Some(_)) => Some(Candidate::builder().tcp().host(self.local()).tcptype(TcpType::Active).build().unwrap()),
        }
    }

    /// The next packet: its length, and where it is from. May be given up at any time without losing anything.
    pub async fn receive(&mut self, buffer: &mut [u8]) -> (usize, SocketAddr) {
        match self {
            Self::Udp(socket) => loop {
                if let Ok(got) = socket.recv_from(buffer).await {
                    return got;
                }
            },
            Self::Tcp(None) => std::future::pending().await,
            Self::Tcp(Some(Connection { stream, unread })) => loop {
                if let Some((length, rest)) = unread.split_first_chunk::<2>()
                    && let Some(packet) = rest.get(..usize::from(u16::from_be_bytes(*length)))
                {
                    let length = packet.len();
                    buffer[..length].copy_from_slice(packet);
                    unread.drain(..2 + length);
                    return (length, stream.peer_addr().unwrap());
                }
                if stream.read_buf(unread).await.unwrap_or(0) == 0 {
                    return std::future::pending().await;
                }
            },
        }
    }

    pub async fn send(&mut self, packet: &[u8], destination: SocketAddr) {
        match self {
            // What the path refuses is lost like any other datagram.
            Self::Udp(socket) => drop(socket.send_to(packet, destination).await),
            Self::Tcp(None) => {}
            Self::Tcp(Some(Connection { stream, .. })) => {
                let length = u16::try_from(packet.len()).unwrap().to_be_bytes();
                drop(stream.write_all(&[&length, packet].concat()).await);
            }
        }
    }
}

/// Where an answer says that TCP is taken (RFC 6544 §4.5).
pub fn tcp_candidate(answer: &str) -> SocketAddr {
    let lines = answer.lines().filter_map(|line| line.strip_prefix("a=candidate:"));
    let fields = lines.map(|line| line.split(' ').collect::<Vec<_>>()).find(|fields| fields[2] == "tcp");
    let fields = fields.unwrap_or_else(|| panic!("there is a TCP candidate in {answer}"));
    assert!(fields.join(" ").contains("typ host tcptype passive"), "{fields:?}");
    format!("{}:{}", fields[4], fields[5]).parse().unwrap()
}
