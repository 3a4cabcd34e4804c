//! A certificate and its key, as files hold them.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::TlsError;

const DAY_S: u64 = 24 * 60 * 60;

/// What the two files hold, read or not; no more of it is kept than is needed.
pub(super) struct Files<'a> {
    cert: (&'a Path, Result<Vec<u8>, String>),
    key: (&'a Path, Result<Vec<u8>, String>),
}

/// A pair that can be used.
pub(super) struct Pair {
    pub(super) config: Arc<ServerConfig>,
    /// When it ends, in seconds since 1970.
    pub(super) expires_s: u64,
}

impl<'a> Files<'a> {
    pub(super) fn read(cert: &'a Path, key: &'a Path) -> Self {
        let read = |path: &'a Path| (path, std::fs::read(path).map_err(|error| error.to_string()));
        Self { cert: read(cert), key: read(key) }
    }

    /// Tells what they hold from everything else they might.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (_, content) in [&self.cert, &self.key] {
            match content {
                Ok(bytes) => hash.update(Sha256::digest(bytes)),
                Err(cause) => hash.update(cause),
            }
        }
        hash.finalize().into()
    }

    /// The pair that they are, at `now_s` seconds since 1970.
    pub(super) fn pair(&self, now_s: u64) -> Result<Pair, TlsError> {
        let (chain, key) = self.parsed()?;
        let path = self.cert.0.to_owned();
        let (_, expires_s) = of(&chain[0]).map_err(|cause| TlsError::File { path: path.clone(), what: "a certificate chain", cause })?;
        if expires_s <= now_s {
            return Err(TlsError::Expired { path, days: (now_s - expires_s) / DAY_S });
        }
        let mut config = configure(chain, key)?;
        // WebSockets over HTTP/2 need an extension (RFC 8441) that is not served, so HTTP/2 would only add a second connection.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Pair { config: Arc::new(config), expires_s })
    }

    /// The chain of the pair that they are, whatever the time.
    pub(super) fn chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let (chain, key) = self.parsed()?;
        configure(chain.clone(), key)?;
        Ok(chain)
    }

    /// At least one certificate, and a key that need not be its own.
    fn parsed(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let bad = |path: &Path, what| {
            let path = path.to_owned();
            move |cause: String| TlsError::File { path, what, cause }
        };
        let (cert, chain) = (self.cert.0, self.cert.1.as_ref());
        let is_no_chain = || bad(cert, "a certificate chain");
        let chain = chain.map_err(|cause| is_no_chain()(cause.clone()))?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(|error| is_no_chain()(error.to_string()))?;
        if chain.is_empty() {
            return Err(is_no_chain()("there is no certificate in it".to_owned()));
        }
        let (path, key) = (self.key.0, self.key.1.as_ref());
        let is_no_key = || bad(path, "a private key");
        let key = key.map_err(|cause| is_no_key()(cause.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| is_no_key()(error.to_string()))?;
        Ok((chain, key))
    }
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

/// From when until when the certificate in a file is valid (RFC 5280 §4.1.2.5), in seconds since 1970.
pub(super) fn validity(file: &Path) -> Result<(u64, u64), String> {
    of(&CertificateDer::from_pem_file(file).map_err(|error| error.to_string())?)
}

fn of(certificate: &CertificateDer<'_>) -> Result<(u64, u64), String> {
    let certificate = Certificate::from_der(certificate).map_err(|error| error.to_string())?;
    let validity = certificate.tbs_certificate().validity();
    Ok((validity.not_before.to_unix_duration().as_secs(), validity.not_after.to_unix_duration().as_secs()))
}
