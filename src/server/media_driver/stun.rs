//! The public address of a media socket, asked of a STUN server from that very socket (RFC 8489): how a server behind a router learns where
//! clients reach it. It is asked again every few minutes, which also keeps the router's mapping, and addresses change.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::lookup_host;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

/// A mapping of a router may be forgotten after five minutes without a packet (RFC 4787 §4.3).
const ASK_EVERY: Duration = Duration::from_secs(120);
/// Without an answer it is asked again after this, then after twice as long, and so on.
const AGAIN_FIRST: Duration = Duration::from_millis(500);
const AGAIN_LAST: Duration = Duration::from_secs(30);
/// So many questions without an answer are worth a line in the log.
const TELL_AFTER: u32 = 7;

const HEADER: usize = 20;
const MAGIC: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0, 1];
const BINDING_SUCCESS: [u8; 2] = [1, 1];
const XOR_MAPPED_ADDRESS: u16 = 0x20;

/// Asks, and takes answers.
pub(super) struct Stun {
    server: Option<String>,
    due: Instant,
    lookup: Option<JoinHandle<io::Result<Vec<SocketAddr>>>>,
    asked: Option<Asked>,
    unanswered: u32,
    learnt: Option<SocketAddr>,
}

struct Asked {
    server: SocketAddr,
    transaction: [u8; 12],
}

/// Something to send to a STUN server.
pub(super) struct Question {
    pub(super) to: SocketAddr,
    pub(super) datagram: [u8; HEADER],
}

impl Stun {
    /// Asks this server (`host:port`), or nobody.
    pub(super) fn new(server: Option<String>) -> Self {
        Self { server, due: Instant::now(), lookup: None, asked: None, unanswered: 0, learnt: None }
    }

    /// Waits until it is time to ask. May be given up at any time without losing anything. `socket` is the address it is bound to.
    pub(super) async fn next(&mut self, socket: IpAddr) -> Question {
        let Some(server) = self.server.clone() else { return std::future::pending().await };
        loop {
            let lookup = match &mut self.lookup {
                Some(lookup) => lookup,
                None => {
                    sleep_until(self.due.into()).await;
                    let server = server.clone();
                    self.lookup.insert(tokio::spawn(async move { Ok(lookup_host(server).await?.collect()) }))
                }
            };
            let found = lookup.await.map_err(io::Error::other).flatten();
            self.lookup = None;
            let again = AGAIN_FIRST.saturating_mul(1 << self.unanswered.min(10)).min(AGAIN_LAST);
            self.due = Instant::now() + again;
            self.unanswered += 1;
            let address = found.map(|all| to_ask(socket, &all));
            if self.unanswered == TELL_AFTER {
                match &address {
                    Err(error) => tracing::warn!(server, %error, "the STUN server cannot be found: check --stun"),
                    _ => tracing::warn!(server, "the STUN server does not answer: check --stun, and that UDP gets there"),
                }
            }
            let mut transaction = [0; 12];
            let (Ok(Some(to)), Ok(())) = (address, getrandom::fill(&mut transaction)) else { continue };
            self.asked = Some(Asked { server: to, transaction });
            return Question { to, datagram: request(transaction) };
        }
    }

    /// Whether a datagram is the answer; a public address that is new is in it.
    pub(super) fn take(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Option<Option<SocketAddr>> {
        let asked = self.asked.as_ref().filter(|asked| asked.server == source)?;
        let mapped = mapped_address(datagram, asked.transaction)?;
        self.asked = None;
        self.unanswered = 0;
        self.due = now + ASK_EVERY;
        let before = self.learnt.replace(mapped);
        (before != Some(mapped)).then(|| tracing::info!(address = %mapped, ?before, "the public address of a media port was learnt"));
        Some((before != Some(mapped)).then_some(mapped))
    }
}

/// Which of a server's addresses is asked: by IPv4 where there is one and the socket gets there, since that is what routers translate.
fn to_ask(socket: IpAddr, all: &[SocketAddr]) -> Option<SocketAddr> {
    let by_v4 = socket.is_ipv4() || socket.is_unspecified();
    let v4 = all.iter().find(|address| address.is_ipv4() && by_v4);
    v4.or_else(|| all.iter().find(|address| address.is_ipv6() && socket.is_ipv6())).copied()
}

/// A binding request (RFC 8489 §5) without attributes.
fn request(transaction: [u8; 12]) -> [u8; HEADER] {
    let mut datagram = [0; HEADER];
    datagram[..2].copy_from_slice(&BINDING_REQUEST);
    datagram[4..8].copy_from_slice(&MAGIC);
    datagram[8..].copy_from_slice(&transaction);
    datagram
}

/// The XOR-MAPPED-ADDRESS (RFC 8489 §14.2) of the answer to this request.
fn mapped_address(datagram: &[u8], transaction: [u8; 12]) -> Option<SocketAddr> {
    let (header, attributes) = datagram.split_first_chunk::<HEADER>()?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[..2] != BINDING_SUCCESS || header[4..8] != MAGIC || header[8..] != transaction || attributes.len() != length {
        return None;
    }
    let mut rest = attributes;
    while let Some(([kind_high, kind_low, high, low], after)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let value = after.get(..length)?;
        if u16::from_be_bytes([*kind_high, *kind_low]) == XOR_MAPPED_ADDRESS {
            return xored(value, &header[4..]);
        }
        rest = after.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// An address that was mixed with the magic cookie and the transaction.
fn xored(value: &[u8], mask: &[u8]) -> Option<SocketAddr> {
    let (&[_, family, high, low], address) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes([high ^ mask[0], low ^ mask[1]]);
    let clear: Vec<u8> = address.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let ip: IpAddr = match (family, address.len()) {
        (1, 4) => Ipv4Addr::from(<[u8; 4]>::try_from(clear).ok()?).into(),
        (2, 16) => Ipv6Addr::from(<[u8; 16]>::try_from(clear).ok()?).into(),
        _ => return None,
    };
    (port != 0 && !ip.is_unspecified()).then_some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: ([u8; 4], u16) = ([192, 0, 2, 9], 3478);

    /// The answer of RFC 5769 §2.2 without what is of no use here: a SOFTWARE of an odd length and the address 192.0.2.1:32853.
    fn answer(transaction: [u8; 12]) -> Vec<u8> {
        let software = [&[0x80, 0x22, 0, 0x0b][..], b"test vector "].concat();
        let address = [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43];
        let header = [&BINDING_SUCCESS[..], &[0, (software.len() + address.len()) as u8], &MAGIC, &transaction].concat();
        [&header[..], &software, &address].concat()
    }

    #[test]
    fn the_address_in_an_answer_is_the_one_of_the_rfc() {
        let transaction = *b"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";
        assert_eq!(mapped_address(&answer(transaction), transaction), Some("192.0.2.1:32853".parse().unwrap()));
        let v6 = b"\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";
        let mask = [&MAGIC[..], &transaction].concat();
        assert_eq!(xored(v6, &mask), Some("[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap()));
    }

    #[test]
    fn what_is_cut_short_or_of_another_question_is_no_answer() {
        let transaction = [7; 12];
        let whole = answer(transaction);
        assert!((0..whole.len()).all(|length| mapped_address(&whole[..length], transaction).is_none()));
        assert_eq!(mapped_address(&whole, [8; 12]), None);
        assert_eq!(mapped_address(&request(transaction), transaction), None);
    }

    #[test]
    fn a_server_is_asked_where_the_socket_gets_to() {
        let (v4, v6): (SocketAddr, SocketAddr) = (SERVER.into(), "[2001:db8::1]:3478".parse().unwrap());
        for (socket, all, asked) in [
            ("0.0.0.0", &[v6, v4][..], Some(v4)),
            ("::", &[v6, v4], Some(v4)),
            ("::", &[v6], Some(v6)),
            ("2001:db8::2", &[v4, v6], Some(v6)),
            ("192.0.2.2", &[v6], None),
        ] {
            assert_eq!(to_ask(socket.parse().unwrap(), all), asked, "{socket} {all:?}");
        }
    }

    #[tokio::test]
    async fn the_answer_of_who_was_asked_is_taken_once_and_a_change_is_told() {
        let mut stun = Stun::new(Some("192.0.2.9:3478".to_owned()));
        let now = Instant::now();
        let mut learn = async |expected: Option<SocketAddr>| {
            stun.due = now;
            let Question { to, datagram } = stun.next([0, 0, 0, 0].into()).await;
            assert_eq!(to, SERVER.into());
            let answer = answer(datagram[8..].try_into().unwrap());
            assert_eq!(stun.take(now, "198.51.100.1:3478".parse().unwrap(), &answer), None, "anybody can send that");
            assert_eq!(stun.take(now, to, &answer), Some(expected));
            assert_eq!(stun.take(now, to, &answer), None, "once");
            assert_eq!(stun.due, now + ASK_EVERY);
        };
        learn(Some("192.0.2.1:32853".parse().unwrap())).await;
        learn(None).await;
    }
}
