//! Whose datagram is it? By where it comes from, once STUN has proved that to be a leg's.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use str0m::config::CryptoProvider;
use str0m::ice::StunMessage;
use str0m::net::Protocol;

use crate::counters::Drop;
use crate::leg::LegId;

/// What a datagram is, by its first byte (RFC 7983 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Stun,
    Dtls,
    Rtp,
}

impl Wire {
    pub(crate) fn of(datagram: &[u8]) -> Option<Self> {
        match datagram.first()? {
            0..=3 => Some(Self::Stun),
            20..=63 => Some(Self::Dtls),
            128..=191 => Some(Self::Rtp),
            _ => None,
        }
    }
}

/// Where something comes from: an address by UDP, and the same by TCP, may be two clients behind one router.
pub(crate) type Path = (Protocol, SocketAddr);

/// The proved paths, and the user fragments that new ones prove themselves with. Never iterated, so unordered.
#[derive(Debug)]
pub(crate) struct Demux {
    by_path: HashMap<Path, LegId>,
    by_ufrag: HashMap<String, LegId>,
    crypto: Arc<CryptoProvider>,
}

impl Demux {
    pub(crate) fn new(crypto: Arc<CryptoProvider>) -> Self {
        Self { by_path: HashMap::new(), by_ufrag: HashMap::new(), crypto }
    }

    pub(crate) fn add(&mut self, ufrag: String, leg: LegId) {
        self.by_ufrag.insert(ufrag, leg);
    }

    pub(crate) fn remove(&mut self, ufrag: &str, paths: &[Path], leg: LegId) {
        self.by_ufrag.remove(ufrag);
        for path in paths {
            self.forget(*path, leg);
        }
    }

    /// Drops a path, unless it has become another leg's.
    pub(crate) fn forget(&mut self, path: Path, leg: LegId) {
        if self.by_path.get(&path) == Some(&leg) {
            self.by_path.remove(&path);
        }
    }

    /// The leg that has proved this path.
    pub(crate) fn leg_at(&self, path: Path) -> Option<LegId> {
        self.by_path.get(&path).copied()
    }

    /// Makes a path a leg's; true when it is new to it.
    pub(crate) fn prove(&mut self, path: Path, leg: LegId) -> bool {
        self.by_path.insert(path, leg) != Some(leg)
    }

    /// The leg a binding request is for, once its integrity is checked with that leg's `password` (RFC 8489 §9.1.3).
    pub(crate) fn leg_of_request<'a>(&self, datagram: &[u8], password: impl FnOnce(LegId) -> Option<&'a str>) -> Result<LegId, Drop> {
        let message = StunMessage::parse(datagram).map_err(|_| Drop::Garbage)?;
        if !message.is_binding_request() {
            return Err(Drop::UnexpectedStun);
        }
        let (ours, _) = message.split_username().ok_or(Drop::UnknownUfrag)?;
        let leg = *self.by_ufrag.get(ours).ok_or(Drop::UnknownUfrag)?;
        let password = password(leg).ok_or(Drop::UnknownUfrag)?;
        let genuine = message.verify(password.as_bytes(), |key, parts| self.crypto.sha1_hmac_provider.sha1_hmac(key, parts));
        if genuine { Ok(leg) } else { Err(Drop::BadIntegrity) }
    }
}

#[cfg(test)]
mod tests {
    use str0m::crypto::from_feature_flags;

    use super::*;

    #[test]
    fn an_address_is_one_client_by_udp_and_may_be_another_by_tcp() {
        let mut demux = Demux::new(Arc::new(from_feature_flags()));
        let address = "192.0.2.1:50000".parse().unwrap();
        let (udp, tcp) = ((Protocol::Udp, address), (Protocol::Tcp, address));
        assert!(demux.prove(udp, LegId(1)) && demux.prove(tcp, LegId(2)));
        assert_eq!((demux.leg_at(udp), demux.leg_at(tcp)), (Some(LegId(1)), Some(LegId(2))));
        demux.forget(udp, LegId(1));
        assert_eq!((demux.leg_at(udp), demux.leg_at(tcp)), (None, Some(LegId(2))));
    }
}
