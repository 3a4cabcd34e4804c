//! Certificates of the public listener: from files, or self-signed for a local network.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::clock::now_ms;
use crate::config::Tls;
use crate::files;

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
pub fn load(tls: &Tls, data_dir: &Path) -> Result<Option<RustlsConfig>, TlsError> {
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

/// The files of the self-signed certificate and of its key.
pub(crate) fn self_signed_files(data_dir: &Path) -> (PathBuf, PathBuf) {
    (data_dir.join("lan-cert.pem"), data_dir.join("lan-key.pem"))
}

/// The chain of a pair that can be served with, the server's own certificate first.
pub(crate) fn chain(cert: &Path, key: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let (chain, key) = parse(cert, key)?;
    configure(chain.clone(), key)?;
    Ok(chain)
}

fn read(cert: &Path, key: &Path) -> Result<RustlsConfig, TlsError> {
    let (chain, key) = parse(cert, key)?;
    let mut config = configure(chain, key)?;
    // WebSockets over HTTP/2 need an extension (RFC 8441) that is not served, so HTTP/2 would only add a second connection.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

fn parse(cert: &Path, key: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let bad = |path: &Path, what| {
        let path = path.to_owned();
        move |cause: String| TlsError::File { path, what, cause }
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|error| bad(cert, "a certificate chain")(error.to_string()))?;
    if chain.is_empty() {
        return Err(bad(cert, "a certificate chain")("there is no certificate in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, "a private key")(error.to_string()))?;
    Ok((chain, key))
}

fn configure(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Pair)
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
