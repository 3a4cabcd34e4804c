//! A bad network between a peer and its server, inside the process: what a peer sends and receives is lost, delayed and slowed
//! before it meets the socket.

use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

use str0m_netem::{Input, Netem, NetemConfig, Output};

/// A datagram on its way: whence it came, or where it goes.
#[derive(Clone)]
pub(super) struct Datagram {
    pub(super) address: SocketAddr,
    pub(super) contents: Vec<u8>,
}

impl AsRef<[u8]> for Datagram {
    fn as_ref(&self) -> &[u8] {
        &self.contents
    }
}

/// Both directions of a peer's path.
pub(super) struct Path {
    up: Netem<Datagram>,
    down: Netem<Datagram>,
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Path").field("up", &self.up.queue_len()).field("down", &self.down.queue_len()).finish()
    }
}

impl Path {
    /// Both directions are this bad; their luck is not the same.
    pub(super) fn new(config: NetemConfig, seed: u64) -> Self {
        let direction = |seed| Netem::new(config.seed(seed));
        Self { up: direction(seed.wrapping_mul(2)), down: direction(seed.wrapping_mul(2).wrapping_add(1)) }
    }

    pub(super) fn send(&mut self, now: Instant, address: SocketAddr, contents: &[u8]) {
        self.up.handle_input(Input::Packet(now, Datagram { address, contents: contents.to_vec() }));
    }

    pub(super) fn receive(&mut self, now: Instant, address: SocketAddr, contents: &[u8]) {
        self.down.handle_input(Input::Packet(now, Datagram { address, contents: contents.to_vec() }));
    }

    /// What has come to the end of its way to the server.
    pub(super) fn sent(&mut self, now: Instant) -> Option<Datagram> {
        due(&mut self.up, now)
    }

    /// What has come to the end of its way to the peer.
    pub(super) fn received(&mut self, now: Instant) -> Option<Datagram> {
        due(&mut self.down, now)
    }

    /// When something will come to the end of its way.
    pub(super) fn wake(&self) -> Option<Instant> {
        let next = |way: &Netem<Datagram>| (!way.is_empty()).then(|| way.poll_timeout());
        next(&self.up).into_iter().chain(next(&self.down)).min()
    }
}

fn due(way: &mut Netem<Datagram>, now: Instant) -> Option<Datagram> {
    way.handle_input(Input::Timeout(now));
    match way.poll_output()? {
        Output::Packet(datagram) => Some(datagram),
        Output::Timeout(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use str0m_netem::{Bitrate, DataSize, Probability, RandomLoss};

    use super::*;

    const SERVER: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 7_000));

    fn drain(next: impl FnMut() -> Option<Datagram>) -> usize {
        std::iter::from_fn(next).count()
    }

    #[test]
    fn a_datagram_is_under_way_for_as_long_as_the_path_says_in_each_direction() {
        let now = Instant::now();
        let delay = Duration::from_millis(40);
        let mut path = Path::new(NetemConfig::new().latency(delay), 1);
        path.send(now, SERVER, b"up");
        path.receive(now, SERVER, b"down");
        assert_eq!(path.wake(), Some(now + delay));
        let early = now + delay - Duration::from_millis(1);
        assert!(path.sent(early).is_none() && path.received(early).is_none());
        assert_eq!(path.sent(now + delay).unwrap().contents, b"up");
        assert_eq!(path.received(now + delay).unwrap().contents, b"down");
        assert_eq!(path.wake(), None);
    }

    #[test]
    fn two_peers_with_other_seeds_lose_other_datagrams_and_the_same_seed_the_same() {
        let lossy = NetemConfig::new().loss(RandomLoss::new(Probability::new(0.5)));
        let arrived = |seed| {
            let (now, mut path) = (Instant::now(), Path::new(lossy, seed));
            (0_u8..64)
                .map(|number| {
                    path.send(now, SERVER, &[number]);
                    drain(|| path.sent(now)) == 1
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(arrived(1), arrived(1));
        assert_ne!(arrived(1), arrived(2));
        let through = arrived(1).into_iter().filter(|through| *through).count();
        assert!((16..=48).contains(&through), "{through} of 64");
    }

    #[test]
    fn what_is_more_than_the_path_carries_waits_and_then_is_lost() {
        let narrow = NetemConfig::new().link(Bitrate::kbps(80), DataSize::bytes(5_000));
        let (now, mut path) = (Instant::now(), Path::new(narrow, 1));
        (0..20).for_each(|_| path.send(now, SERVER, &[0; 1_000]));
        // 80 kbit/s are ten such datagrams a second; five wait, and the rest finds no room.
        let soon = drain(|| path.sent(now + Duration::from_millis(250)));
        let later = drain(|| path.sent(now + Duration::from_secs(5)));
        assert!((1..=4).contains(&soon) && (4..=7).contains(&(soon + later)), "{soon}, then {later}");
    }
}
