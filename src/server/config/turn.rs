//! The TURN server that people behind strict firewalls are sent to: where it is, and the secret shared with it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::ConfigError;

/// The flags of TURN.
#[derive(Debug, Clone, Args)]
pub struct TurnArgs {
    /// URL of a TURN server for those who reach this one by no other way, such as turn:turn.example.org:3478 or
    /// turns:turn.example.org:443?transport=tcp; may be repeated.
    #[arg(long, env = "SWITCHBOARD_TURN_URL", value_delimiter = ',', value_name = "URL", value_parser = url)]
    pub turn_url: Vec<String>,
    /// The secret shared with the TURN server (coturn: use-auth-secret, static-auth-secret). Flags are seen by everyone on the machine:
    /// better given by the variable.
    #[arg(long, env = "SWITCHBOARD_TURN_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub turn_secret: Option<TurnSecret>,
    /// Seconds for which credentials for TURN are good. What was begun with them goes on.
    #[arg(long, env = "SWITCHBOARD_TURN_TTL", default_value_t = 3600, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(60..=86_400))]
    pub turn_ttl: u32,
}

/// A TURN server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Where it is (RFC 7065); never empty.
    pub urls: Vec<String>,
    /// What it knows users by.
    pub secret: TurnSecret,
    /// For how long credentials are good.
    pub ttl: Duration,
}

/// A secret that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnSecret(String);

impl TurnSecret {
    /// The key of the HMAC.
    pub(crate) fn key(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FromStr for TurnSecret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for TurnSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurnSecret(…)")
    }
}

impl TurnArgs {
    pub(super) fn resolve(self) -> Result<Option<Turn>, ConfigError> {
        // An empty variable is how a deployment says that there is none.
        let secret = self.turn_secret.filter(|secret| !secret.0.is_empty());
        match (self.turn_url.is_empty(), secret) {
            (true, None) => Ok(None),
            (false, Some(secret)) => Ok(Some(Turn { urls: self.turn_url, secret, ttl: Duration::from_secs(self.turn_ttl.into()) })),
            _ => Err(ConfigError::HalfTurn),
        }
    }
}

/// Reads the URL of a TURN server as browsers take it (RFC 7065 §3.1): `turn:host[:port][?transport=udp|tcp]`, or `turns:`.
fn url(text: &str) -> Result<String, String> {
    let text = text.trim();
    let rest = text.strip_prefix("turn:").or_else(|| text.strip_prefix("turns:")).ok_or("it begins with turn: or turns:")?;
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    if !matches!(query, None | Some("transport=udp" | "transport=tcp")) {
        return Err("what may follow is ?transport=udp or ?transport=tcp".to_owned());
    }
    let (host, port) = match place.rsplit_once(':') {
        // The colons of an IPv6 address are within brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (place, None),
    };
    let bad_host = host.is_empty() || host.contains(['/', '@', ' ']) || (host.contains(':') && !host.starts_with('['));
    if bad_host || port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return Err("a host, and a port if it is not the usual one, follow".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn args(urls: &[&str], secret: Option<&str>) -> TurnArgs {
        let turn_secret = secret.map(|secret| secret.parse().unwrap());
        TurnArgs { turn_url: urls.iter().map(|url| (*url).to_owned()).collect(), turn_secret, turn_ttl: 600 }
    }

    #[test]
    fn a_server_and_its_secret_come_together_or_not_at_all() {
        assert_eq!(args(&[], None).resolve().unwrap(), None);
        assert_eq!(args(&[], Some("")).resolve().unwrap(), None);
        assert!(matches!(args(&["turn:a"], None).resolve(), Err(ConfigError::HalfTurn)));
        assert!(matches!(args(&["turn:a"], Some("")).resolve(), Err(ConfigError::HalfTurn)));
        assert!(matches!(args(&[], Some("s")).resolve(), Err(ConfigError::HalfTurn)));
        let turn = args(&["turn:a"], Some("s")).resolve().unwrap().unwrap();
        assert_eq!((turn.urls, turn.secret.key(), turn.ttl), (vec!["turn:a".to_owned()], &b"s"[..], Duration::from_secs(600)));
    }

    #[test]
    fn the_secret_is_not_shown_with_the_rest() {
        let args = args(&["turn:a"], Some("swordfish"));
        assert!(!format!("{args:?} {:?}", args.clone().resolve()).contains("swordfish"));
    }

    #[test]
    fn what_browsers_would_refuse_is_refused_at_start() {
        for right in ["turn:turn.example.org", "turns:turn.example.org:443?transport=tcp", "turn:[::1]:3478?transport=udp", "turn:[::1]"] {
            assert_eq!(url(right).unwrap(), right);
        }
        for wrong in
            ["turn.example.org", "stun:a", "turn:", "turn:a:port", "turn:a:0", "turn:a?transport=sctp", "turn://a", "turn:me@a", "turn:::1"]
        {
            assert!(url(wrong).is_err(), "{wrong}");
        }
    }
}
