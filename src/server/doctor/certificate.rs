//! The certificate of the public listener: readable, of its key, for the name people open, and valid for a while yet.

use std::path::Path;
use std::time::Duration;

use axum::http::Uri;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use x509_cert::Certificate;
use x509_cert::der::{DateTime, Decode};

use super::Finding;
use crate::clock::now_ms;
use crate::config::{Config, Tls};
use crate::tls;

const NAME: &str = "certificate";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Whatever renews certificates does so a month before they end; with half of that left it has failed for two weeks.
const SOON_DAYS: i64 = 15;

pub(super) fn examine(config: &Config) -> Finding {
    match &config.tls {
        Tls::Off => without(config),
        Tls::SelfSigned => {
            let (cert, key) = tls::self_signed_files(&config.data_dir);
            if cert.exists() { look_at(&cert, &key, None) } else { Finding::ok(NAME, "a self-signed one is made at first start") }
        }
        Tls::Files { cert, key } => look_at(cert, key, host(config).as_deref()),
        Tls::Acme(acme) => {
            let file = tls::given_file(&config.data_dir);
            let host = host(config).or_else(|| acme.domains.first().cloned());
            if file.exists() {
                look_at(&file, &file, host.as_deref())
            } else {
                Finding::ok(NAME, "an authority is asked for one at first start")
            }
        }
    }
}

fn without(config: &Config) -> Finding {
    if config.listen.ip().is_loopback() || config.public_origin.as_deref().is_some_and(|origin| origin.starts_with("https:")) {
        return Finding::ok(NAME, "none is needed: plain HTTP, for this machine or a reverse proxy");
    }
    Finding::warning(
        NAME,
        "plain HTTP, by which browsers give a page no camera or microphone",
        "give --tls-cert and --tls-key, or --public-url https://… behind a reverse proxy, or --lan",
    )
}

/// The host people open by HTTPS, if it is said.
fn host(config: &Config) -> Option<String> {
    let uri: Uri = config.public_origin.as_ref()?.parse().ok()?;
    Some(uri.host()?.trim_matches(['[', ']']).to_owned())
}

fn look_at(cert: &Path, key: &Path, host: Option<&str>) -> Finding {
    let chain = match tls::chain(cert, key) {
        Ok(chain) => chain,
        Err(error) => return Finding::error(NAME, &error),
    };
    let shown = cert.display();
    // The chain of a pair that can be served with begins with the server's own.
    let own = &chain[0];
    if let Some(host) = host.filter(|host| !is_for(own, host)) {
        return Finding::failure(
            NAME,
            format!("{shown} is not for {host}, which people open"),
            "have one made for the host of --public-url",
        );
    }
    let Ok(parsed) = Certificate::from_der(own) else {
        return Finding::failure(NAME, format!("the time that {shown} is valid for cannot be read"), "have it made anew");
    };
    let validity = parsed.tbs_certificate().validity();
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let (from, until) = (millis(validity.not_before.to_unix_duration()), millis(validity.not_after.to_unix_duration()));
    judge(&shown.to_string(), now_ms(), from, until)
}

fn is_for(certificate: &CertificateDer<'_>, host: &str) -> bool {
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else { return false };
    ServerName::try_from(host).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
}

fn judge(shown: &str, now: i64, from: i64, until: i64) -> Finding {
    if now < from {
        return Finding::failure(NAME, format!("{shown} is valid only from {}", date(from)), "set the clock, or use the one before it");
    }
    if until < now {
        return Finding::failure(NAME, format!("{shown} has ended on {}", date(until)), "renew it");
    }
    let left = (until - now) / DAY_MS;
    let said = format!("{shown} fits its key and is valid for {left} days, until {}", date(until));
    if left < SOON_DAYS {
        Finding::warning(NAME, said, "renew it, and see why that was not done by itself")
    } else {
        Finding::ok(NAME, said)
    }
}

/// A time in UTC milliseconds as people write it (RFC 3339).
pub(super) fn date(ms: i64) -> String {
    let since = Duration::from_secs(u64::try_from(ms / 1000).unwrap_or(0));
    DateTime::from_unix_duration(since).map_or_else(|_| format!("{ms} ms"), |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_certificate_is_told_to_be_renewed_before_it_ends() {
        let now = 1_800_000_000_000;
        for (from, until, status) in
            [(-1, 16 * DAY_MS, Status::Ok), (-1, 14 * DAY_MS, Status::Warning), (-2, -1, Status::Failure), (1, DAY_MS, Status::Failure)]
        {
            assert_eq!(judge("it", now, now + from, now + until).status, status);
        }
        assert_eq!(date(now), "2027-01-15T08:00:00Z");
    }
}
