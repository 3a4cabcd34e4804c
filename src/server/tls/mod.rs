//! Certificates of the public listener: from files, given by an authority, or self-signed for a local network.

mod acme;
mod make;
mod pair;
mod renewal;

use std::path::{Path, PathBuf};

use acme::Issuer;
use pair::Files;
pub use renewal::Kept;
use rustls::pki_types::CertificateDer;

use crate::clock::now_ms;
use crate::config::Tls;

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
            make::for_this_network(&cert, &key)?;
            read(&cert, &key).map(Some)
        }
        Tls::Acme(acme) => Kept::given(acme, data_dir, now_s()).map(Some),
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

/// The file of the certificate that an authority gave, and of its key.
pub(crate) fn given_file(data_dir: &Path) -> PathBuf {
    Issuer::file(data_dir)
}

/// The chain of a pair that could be served with if it is its time, the server's own certificate first.
pub(crate) fn chain(cert: &Path, key: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    Files::read(cert, key).chain()
}
