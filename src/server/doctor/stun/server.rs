//! Where a STUN or TURN server is, and how it is spoken to.

use std::fmt;
use std::str::FromStr;

/// The port of STUN and TURN (RFC 8489 §18.6).
const PORT: u16 = 3_478;
/// The same over TLS.
const TLS_PORT: u16 = 5_349;

/// How a STUN or TURN server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) enum Transport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// A stream inside TLS.
    Tls,
}

/// A STUN or TURN server, `turn:turn.example.org:3478?transport=udp` (RFC 7064, RFC 7065); the scheme may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::doctor) struct ServerUrl {
    /// A name or an address.
    pub(super) host: String,
    /// The port.
    pub(super) port: u16,
    /// How it is spoken to.
    pub(super) transport: Transport,
}

impl FromStr for ServerUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "not the place of a server";
        let schemes = [("stun:", false), ("turn:", false), ("stuns:", true), ("turns:", true)];
        let (rest, tls) = schemes.iter().find_map(|(scheme, tls)| Some((text.strip_prefix(scheme)?, *tls))).unwrap_or((text, false));
        let (authority, transport) = match rest.split_once('?') {
            None => (rest, if tls { Transport::Tls } else { Transport::Udp }),
            Some((authority, "transport=udp")) if !tls => (authority, Transport::Udp),
            Some((authority, "transport=tcp")) => (authority, if tls { Transport::Tls } else { Transport::Tcp }),
            Some(_) => return Err(WRONG),
        };
        let default = if tls { TLS_PORT } else { PORT };
        // An IPv6 address stands in brackets, so that its colons are not taken for that of the port.
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, default),
            Some((host, port)) => (host, port.strip_prefix(':').and_then(|port| port.parse().ok()).ok_or(WRONG)?),
            None => match authority.split_once(':') {
                None => (authority, default),
                Some((host, port)) => (host, port.parse().map_err(|_| WRONG)?),
            },
        };
        if host.is_empty() || host.contains(['/', '@', ' ']) || port == 0 {
            return Err(WRONG);
        }
        Ok(Self { host: host.to_owned(), port, transport })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, transport } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")?
        } else {
            write!(f, "{host}:{port}")?
        }
        match transport {
            Transport::Udp => Ok(()),
            Transport::Tcp => f.write_str(" by TCP"),
            Transport::Tls => f.write_str(" by TLS"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_written_as_browsers_write_it_or_shorter() {
        for (text, host, port, transport) in [
            ("stun:stun.example.org", "stun.example.org", 3478, Transport::Udp),
            ("turn.example.org:99", "turn.example.org", 99, Transport::Udp),
            ("turn:192.0.2.1:3479?transport=tcp", "192.0.2.1", 3479, Transport::Tcp),
            ("turns:[2001:db8::1]", "2001:db8::1", 5349, Transport::Tls),
            ("turn:[::1]:7?transport=udp", "::1", 7, Transport::Udp),
        ] {
            let expected = ServerUrl { host: host.to_owned(), port, transport };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_names_no_server_is_refused() {
        for text in ["", "turn:", "turn:host:port", "https://host/", "turns:host?transport=udp", "turn:[::1", "host:0"] {
            assert!(text.parse::<ServerUrl>().is_err(), "{text}");
        }
    }
}
