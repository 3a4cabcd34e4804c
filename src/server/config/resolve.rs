//! From what was typed to what it means.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use axum::http::Uri;

use super::{Config, ConfigError, CongestionControl, DatabaseArgs, MediaPorts, MediaTcp, PasswordCost, ServeArgs, Tls};
use crate::clips::Location;

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const LAN_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443);
/// Where an authority looks.
const HTTPS_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 443);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl DatabaseArgs {
    /// The URL of the database: the one given, or that of a file in the data folder.
    pub fn url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("switchboard.db").display()))
    }
}

impl ServeArgs {
    /// Checks the flags together and fills in what depends on the machine.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        let tls = match (self.lan, self.acme.resolve(), self.tls_cert, self.tls_key) {
            (false, None, None, None) => Tls::Off,
            (true, None, None, None) => Tls::SelfSigned,
            (false, Some(acme), None, None) => Tls::Acme(acme),
            (false, None, Some(cert), Some(key)) => Tls::Files { cert, key },
            (false, None, ..) => return Err(ConfigError::HalfCertificate),
            _ => return Err(ConfigError::TwoCertificates),
        };
        let listen = match &tls {
            Tls::SelfSigned => LAN_LISTEN,
            Tls::Acme(_) => HTTPS_LISTEN,
            Tls::Off | Tls::Files { .. } => DEFAULT_LISTEN,
        };
        Ok(Config {
            listen: self.listen.unwrap_or(listen),
            admin_listen: self.admin_listen,
            database_url: self.database.url(),
            database_connections: self.database.database_connections,
            redis_url: self.cluster.redis(&self.database.url())?,
            node_id: self.cluster.name(),
            cluster_listen: self.cluster.redis_url.is_some().then_some(self.cluster.cluster_listen),
            cluster_address: self.cluster.cluster_address,
            cluster_secret: self.cluster.cluster_secret,
            clips: clips(self.clips_url, self.clips_option, &self.database.data_dir),
            data_dir: self.database.data_dir,
            media_udp: self.media_udp.unwrap_or_else(MediaPorts::one_for_each_core),
            media_tcp: self.media_tcp == MediaTcp::On,
            spread_after: usize::from(self.spread_after),
            congestion_control: self.congestion_control == CongestionControl::On,
            media_ips: media_ips(self.media_ip)?,
            stun: self.stun,
            turn: self.turn.resolve()?,
            audio_slots: usize::from(self.audio_slots),
            max_seats: usize::from(self.max_seats),
            passwords: PasswordCost::Full,
            tls,
            public_origin: self.public_url.as_deref().map(origin).transpose()?,
            trusted_proxies: self.trusted_proxy,
            ring_for: Duration::from_secs(self.ring_for),
            grace: Duration::from_secs(self.grace),
            drain_timeout: Duration::from_secs(self.drain_timeout),
            session_lifetime: DAY * self.session_days,
            demo: self.demo,
            limits: self.limits,
            otlp: self.otlp.resolve()?,
        })
    }
}

fn clips(url: Option<String>, given: Vec<(String, String)>, data_dir: &Path) -> Location {
    let Some(url) = url else { return Location::Folder(data_dir.join("clips")) };
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let variables = std::env::vars_os().filter_map(text).filter(|(name, _)| name.starts_with("AWS_"));
    Location::Url { url, options: variables.chain(given).collect() }
}

/// Reads an option of a URL.
pub(super) fn option(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("an option is written NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// Reads a host and its port; the host is looked up each time it is used.
pub(super) fn host_and_port(text: &str) -> Result<String, String> {
    let (host, port) = text.rsplit_once(':').ok_or("a host is followed by a colon and its port")?;
    if host.is_empty() || (host.contains(':') && !host.starts_with('[')) {
        return Err("a host, an IPv6 address in brackets, comes first".to_owned());
    }
    port.parse::<u16>().ok().filter(|port| *port > 0).ok_or("what follows the colon is no port")?;
    Ok(text.to_owned())
}

/// The origin (RFC 6454) of a URL, as browsers write it.
fn origin(url: &str) -> Result<String, ConfigError> {
    let bad = || ConfigError::PublicUrl(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| bad())?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(bad()) };
    if authority.as_str().contains('@') {
        return Err(bad());
    }
    let authority = authority.as_str().to_ascii_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    Ok(format!("{scheme}://{}", authority.strip_suffix(default_port).unwrap_or(&authority)))
}

fn media_ips(given: Vec<IpAddr>) -> Result<Vec<IpAddr>, ConfigError> {
    if let Some(ip) = given.iter().find(|ip| ip.is_unspecified() || ip.is_multicast()) {
        return Err(ConfigError::MediaIp(*ip));
    }
    if given.is_empty() { local_ips().map_err(ConfigError::Interfaces) } else { Ok(given) }
}

/// This machine's addresses, loopback included. IPv6 link-local ones need a zone that an answer cannot name, so they are left out.
pub(crate) fn local_ips() -> std::io::Result<Vec<IpAddr>> {
    let mut ips: Vec<IpAddr> = if_addrs::get_if_addrs()?.into_iter().map(|interface| interface.ip()).collect();
    ips.retain(|ip| !matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()));
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6(), *ip));
    ips.dedup();
    if ips.is_empty() {
        ips.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ok(ips)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use clap::Parser;

    use super::super::{Cli, Command};
    use super::*;

    fn serve(flags: &[&str]) -> Result<Config, ConfigError> {
        let args = ["switchboard", "serve"].into_iter().chain(flags.iter().copied());
        let Command::Serve(serve) = Cli::try_parse_from(args).unwrap().command else { panic!("serve was asked for") };
        serve.resolve()
    }

    #[test]
    fn without_flags_the_server_is_for_this_machine_alone() {
        let config = serve(&[]).unwrap();
        assert_eq!(config.listen, DEFAULT_LISTEN);
        assert_eq!(config.tls, Tls::Off);
        assert_eq!(config.database_url, "sqlite:./data/switchboard.db");
        assert!(config.media_ips.iter().any(|ip| ip.is_loopback()));
    }

    #[test]
    fn lan_listens_everywhere_with_a_certificate_of_its_own() {
        let config = serve(&["--lan"]).unwrap();
        assert_eq!((config.listen, config.tls), (LAN_LISTEN, Tls::SelfSigned));
        assert_eq!(serve(&["--lan", "--listen", "127.0.0.1:0"]).unwrap().listen.port(), 0);
    }

    #[test]
    fn several_nodes_share_a_postgres_and_each_has_a_name() {
        assert_eq!(serve(&[]).unwrap().redis_url, None);
        let redis = ["--redis-url", "redis://localhost"];
        assert!(matches!(serve(&redis), Err(ConfigError::LonelyDatabase)));
        let postgres = ["--database-url", "postgres://localhost/calls"];
        assert_eq!(serve(&[redis, postgres].concat()).unwrap().redis_url.as_deref(), Some("redis://localhost"));
        assert_eq!(serve(&[]).unwrap().cluster_listen, None);
        let Err(short) = serve(&["--cluster-secret", "hunter2"]) else { panic!("it can be guessed") };
        assert!(matches!(short, ConfigError::ShortSecret(16)) && !short.to_string().contains("hunter2"), "{short}");
        let name = || serve(&[]).unwrap().node_id;
        assert!(!name().starts_with('-') && (0..20).any(|_| name() != name()), "{}", name());
        assert_eq!(serve(&["--node-id", "a.b_c-1"]).unwrap().node_id, "a.b_c-1");
        for wrong in ["", "a b", "a/b", &"a".repeat(65)] {
            assert!(Cli::try_parse_from(["switchboard", "serve", "--node-id", wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn clips_are_kept_in_the_data_folder_or_where_a_url_says() {
        assert_eq!(serve(&["--data-dir", "/srv"]).unwrap().clips, Location::Folder("/srv/clips".into()));
        let flags = ["--clips-url", "s3://bucket/voice", "--clips-option", "aws_region=a", "--clips-option", "aws_region=b=c"];
        let Location::Url { url, options } = serve(&flags).unwrap().clips else { panic!("a URL was given") };
        assert_eq!(url, "s3://bucket/voice");
        let given: Vec<_> = options.iter().filter(|(name, _)| name == "aws_region").map(|(_, value)| value.as_str()).collect();
        assert_eq!(given, ["a", "b=c"]);
        assert!(option("aws_region").is_err() && option("=x").is_err());
    }

    #[test]
    fn half_a_certificate_or_two_are_refused() {
        assert!(matches!(serve(&["--tls-cert", "a.pem"]), Err(ConfigError::HalfCertificate)));
        let (acme, files) = (["--acme-domain", "calls.example.org"], ["--tls-cert", "a.pem", "--tls-key", "b.pem"]);
        for two in [&["--lan"][..], &files].map(|other| [&acme, other].concat()).into_iter().chain([[&["--lan"], &files[..]].concat()]) {
            assert!(matches!(serve(&two), Err(ConfigError::TwoCertificates)), "{two:?}");
        }
    }

    #[test]
    fn an_authority_is_asked_for_names_that_it_can_look_at() {
        let config = serve(&["--acme-domain", "Calls.Example.org,b.example.org", "--acme-contact", "ops@example.org"]).unwrap();
        assert_eq!(config.listen, HTTPS_LISTEN);
        let Tls::Acme(acme) = config.tls else { panic!("an authority was named") };
        assert_eq!(acme.domains, ["calls.example.org", "b.example.org"]);
        assert_eq!(
            (acme.contact.as_deref(), &*acme.directory),
            (Some("ops@example.org"), "https://acme-v02.api.letsencrypt.org/directory")
        );
        for wrong in ["192.0.2.1", "*.example.org", "", "calls..example.org", "-a.example.org", "a b.example.org"] {
            assert!(Cli::try_parse_from(["switchboard", "serve", "--acme-domain", wrong]).is_err(), "{wrong}");
        }
        let wrong = ["switchboard", "serve", "--acme-domain", "a.example.org", "--acme-directory", "http://ca.example.org/directory"];
        assert!(Cli::try_parse_from(wrong).is_err());
        assert!(Cli::try_parse_from(["switchboard", "serve", "--acme-contact", "ops@example.org"]).is_err(), "of no use alone");
    }

    #[test]
    fn the_public_url_is_reduced_to_its_origin() {
        let config = serve(&["--public-url", "https://Calls.Example.org:443/path"]).unwrap();
        assert_eq!(config.public_origin.as_deref(), Some("https://calls.example.org"));
        for wrong in ["calls.example.org", "ftp://example.org", "https://me@example.org", "/"] {
            assert!(matches!(serve(&["--public-url", wrong]), Err(ConfigError::PublicUrl(_))), "{wrong}");
        }
    }

    #[test]
    fn one_hears_the_five_loudest_unless_told_otherwise_and_at_least_one() {
        assert_eq!(serve(&[]).unwrap().audio_slots, 5);
        assert_eq!(serve(&["--audio-slots", "16"]).unwrap().audio_slots, 16);
        for wrong in ["0", "17", "-1", "many"] {
            assert!(Cli::try_parse_from(["switchboard", "serve", "--audio-slots", wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_core_has_a_media_thread_unless_ports_are_named() {
        let cores = std::thread::available_parallelism().unwrap().get();
        assert_eq!(serve(&[]).unwrap().media_udp.iter().count(), cores);
        assert_eq!(serve(&["--media-udp", "7100-7102"]).unwrap().media_udp.iter().count(), 3);
        assert_eq!(serve(&["--spread-after", "2"]).unwrap().spread_after, 2);
        assert!(Cli::try_parse_from(["switchboard", "serve", "--spread-after", "0"]).is_err());
    }

    #[test]
    fn paths_are_kept_to_unless_that_is_switched_off() {
        assert!(serve(&[]).unwrap().congestion_control);
        assert!(serve(&["--congestion-control", "on"]).unwrap().congestion_control);
        assert!(!serve(&["--congestion-control", "off"]).unwrap().congestion_control);
        assert!(Cli::try_parse_from(["switchboard", "serve", "--congestion-control", "perhaps"]).is_err());
    }

    #[test]
    fn a_call_has_two_hundred_people_unless_told_otherwise_and_at_least_two() {
        assert_eq!(serve(&[]).unwrap().max_seats, 200);
        assert_eq!(serve(&["--max-seats", "1001"]).unwrap().max_seats, 1001);
        for wrong in ["0", "1", "4097", "all"] {
            assert!(Cli::try_parse_from(["switchboard", "serve", "--max-seats", wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_database_has_the_connections_it_is_given_and_at_least_one() {
        assert_eq!(serve(&[]).unwrap().database_connections, None);
        assert_eq!(serve(&["--database-connections", "25"]).unwrap().database_connections, Some(25));
        for wrong in ["0", "1001", "many"] {
            assert!(Cli::try_parse_from(["switchboard", "serve", "--database-connections", wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn passwords_are_full_work_whatever_the_flags() {
        for flags in [&[][..], &["--no-limits"], &["--demo"]] {
            assert_eq!(serve(flags).unwrap().passwords, PasswordCost::Full);
        }
    }

    #[test]
    fn a_stun_server_has_a_host_and_a_port() {
        for right in ["stun.example.org:3478", "[2001:db8::1]:3478", "127.0.0.1:1"] {
            assert_eq!(serve(&["--stun", right]).unwrap().stun.as_deref(), Some(right));
        }
        for wrong in ["stun.example.org", "stun:example.org", ":3478", "a:0", "2001:db8::1:3478", "a:70000"] {
            assert!(Cli::try_parse_from(["switchboard", "serve", "--stun", wrong]).is_err(), "{wrong}");
        }
        assert_eq!(serve(&[]).unwrap().stun, None);
    }

    #[test]
    fn media_cannot_be_sent_to_no_address() {
        assert!(matches!(serve(&["--media-ip", "0.0.0.0"]), Err(ConfigError::MediaIp(_))));
        assert_eq!(serve(&["--media-ip", "127.0.0.1,::1"]).unwrap().media_ips.len(), 2);
    }
}
