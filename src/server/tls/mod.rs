//! Certificates of the public listener: from files, or self-signed for a local network.

mod pair;
mod renewal;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd};
pub use renewal::Kept;
use rustls::pki_types::CertificateDer;

use crate::clock::now_ms;
use crate::config::Tls;
use crate::files;
use pair::Files;

/// A certificate that cannot be used. Each line names the cause and the cure.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or is not what it should be.
    #[error("{path} cannot be read as {what} ({cause}) — give a PEM file that this user may read")]
    File {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// Why not.
        cause: String,
    },
    /// The certificate and the key do not fit each other, or their kind is not supported.
    #[error("the certificate and its key cannot be used ({0}) — check that both belong together")]
    Pair(rustls::Error),
    /// The certificate is over.
    #[error("{path} has expired {days} days ago — put a renewed certificate and its key in place")]
    Expired {
        /// The file.
        path: PathBuf,
        /// Whole days since then.
        days: u64,
    },
    /// No certificate could be made.
    #[error("no self-signed certificate could be made ({0}) — give one with --tls-cert and --tls-key")]
    Make(#[from] rcgen::Error),
    /// The certificate made could not be kept.
    #[error("the certificate could not be kept in {path} ({cause}) — make the folder writable, or choose another with --data-dir")]
    Keep {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
}

/// What the public listener needs for HTTPS; nothing for plain HTTP.
pub fn load(tls: &Tls, data_dir: &Path) -> Result<Option<Kept>, TlsError> {
    let read = |cert: &Path, key: &Path| Kept::read(cert, key, now_s());
    match tls {
        Tls::Off => Ok(None),
        Tls::Files { cert, key } => read(cert, key).map(Some),
        Tls::SelfSigned => {
            let (cert, key) = self_signed_files(data_dir);
            let (names, year) = (local_names(), this_year());
            if !is_for(&cert, &names, year) {
                make(&cert, &key, names, year)?;
            }
            read(&cert, &key).map(Some)
        }
    }
}

/// UTC seconds since 1970.
fn now_s() -> u64 {
    u64::try_from(now_ms() / 1_000).unwrap_or_default()
}

/// The files of the self-signed certificate and of its key.
pub(crate) fn self_signed_files(data_dir: &Path) -> (PathBuf, PathBuf) {
    (data_dir.join("lan-cert.pem"), data_dir.join("lan-key.pem"))
}

/// The chain of a pair that could be served with if it is its time, the server's own certificate first.
pub(crate) fn chain(cert: &Path, key: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    Files::read(cert, key).chain()
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
