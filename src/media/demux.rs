//! Whose datagram is it? By its source address, once STUN has proved that address to be a leg's.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use str0m::config::CryptoProvider;
use str0m::ice::StunMessage;

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

/// The proved addresses, and the user fragments that new ones prove themselves with. Never iterated, so unordered.
#[derive(Debug)]
pub(crate) struct Demux {
    by_address: HashMap<SocketAddr, LegId>,
    by_ufrag: HashMap<String, LegId>,
    crypto: Arc<CryptoProvider>,
}

impl Demux {
    pub(crate) fn new(crypto: Arc<CryptoProvider>) -> Self {
        Self { by_address: HashMap::new(), by_ufrag: HashMap::new(), crypto }
    }

    pub(crate) fn add(&mut self, ufrag: String, leg: LegId) {
        self.by_ufrag.insert(ufrag, leg);
    }

    pub(crate) fn remove(&mut self, ufrag: &str, addresses: &[SocketAddr], leg: LegId) {
        self.by_ufrag.remove(ufrag);
        for address in addresses {
            self.forget(*address, leg);
        }
    }

    /// Drops an address, unless it has become another leg's.
    pub(crate) fn forget(&mut self, address: SocketAddr, leg: LegId) {
        if self.by_address.get(&address) == Some(&leg) {
            self.by_address.remove(&address);
        }
    }

    /// The leg that has proved this address.
    pub(crate) fn leg_at(&self, address: SocketAddr) -> Option<LegId> {
        self.by_address.get(&address).copied()
    }

    /// Makes an address a leg's; true when it is new to it.
    pub(crate) fn prove(&mut self, address: SocketAddr, leg: LegId) -> bool {
        self.by_address.insert(address, leg) != Some(leg)
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
