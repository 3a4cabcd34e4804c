//! Certificates that nobody else vouches for.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd};

use super::TlsError;
use crate::clock::now_ms;
use crate::files;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes the pair of these files for the names of this machine in its network, unless they are that.
pub(super) fn for_this_network(cert: &Path, key: &Path) -> Result<(), TlsError> {
    let (names, year) = (local_names(), this_year());
    if is_for(cert, &names, year) { Ok(()) } else { make(cert, key, names, year) }
}

/// A certificate and its key for these names, PEM, from the day before `now_s`, in seconds since 1970, to the day after.
pub(super) fn for_a_day(names: &[String], now_s: u64) -> Result<String, TlsError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name.push(DnType::CommonName, "Switchboard until it is given a certificate");
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(now_s);
    (params.not_before, params.not_after) = (now - DAY, now + DAY);
    Ok(format!("{}{}", key.serialize_pem(), params.self_signed(&key)?.pem()))
}

/// The names and addresses this machine is reached by in its local network.
fn local_names() -> BTreeSet<String> {
    let ips = crate::config::local_ips().unwrap_or_default();
    ips.iter().map(ToString::to_string).chain(["localhost".to_owned()]).collect()
}

/// The year, which may begin two days late: a certificate must never be from the future.
fn this_year() -> i32 {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    const MEAN_YEAR_MS: i64 = 31_556_952_000;
    i32::try_from(1970 + (now_ms() - DAY_MS) / MEAN_YEAR_MS).unwrap_or(1970)
}

/// The line of the certificate's file that says whom and when it is for; readers of PEM skip it (RFC 7468 §2).
fn first_line(names: &BTreeSet<String>, year: i32) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("Made in {year} for {}", names.join(" "))
}

fn is_for(cert: &Path, names: &BTreeSet<String>, year: i32) -> bool {
    std::fs::read_to_string(cert).is_ok_and(|text| text.lines().next() == Some(&first_line(names, year)))
}

fn make(cert: &Path, key: &Path, names: BTreeSet<String>, year: i32) -> Result<(), TlsError> {
    let key_pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let line = first_line(&names, year);
    let mut params = CertificateParams::new(names.into_iter().collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, "Switchboard on this network");
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    // Some systems refuse certificates that are valid for more than 825 days.
    params.not_before = date_time_ymd(year, 1, 1);
    params.not_after = date_time_ymd(year + 2, 1, 1);
    let certificate = params.self_signed(&key_pair)?;
    let keep = |path: &Path, text: &str| {
        let written = path.parent().map_or(Ok(()), files::make_private_folder).and_then(|()| files::write_private(path, text));
        written.map_err(|cause| TlsError::Keep { path: path.to_owned(), cause })
    };
    // The certificate goes last: it alone says whether there is a pair for these names.
    keep(key, &key_pair.serialize_pem())?;
    keep(cert, &format!("{line}\n{}", certificate.pem()))
}
