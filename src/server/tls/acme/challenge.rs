//! What the authority is shown when it looks whether a name is this server's (TLS-ALPN-01, RFC 8737 §3).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::AcmeError;

/// The protocol by which the authority asks, and nobody else (RFC 8737 §6.2).
const PROTOCOL: &[u8] = b"acme-tls/1";

type Shown = BTreeMap<String, Arc<CertifiedKey>>;

/// The certificates it is shown, by name; clones are of the same ones.
#[derive(Debug, Clone, Default)]
pub(in crate::tls) struct Challenges(Arc<Mutex<Shown>>);

impl Challenges {
    /// The authority may look at `name` now; `digest` is that of the key authorisation (RFC 8555 §8.1).
    pub(super) fn show(&self, name: &str, digest: &[u8]) -> Result<(), AcmeError> {
        let certified = certified(name, digest).map_err(AcmeError::Proof)?;
        self.with(|shown| shown.insert(name.to_ascii_lowercase(), Arc::new(certified)));
        Ok(())
    }

    /// The authority has looked.
    pub(super) fn clear(&self) {
        self.with(BTreeMap::clear);
    }

    /// Answers the authority beside what a listener serves with.
    pub(in crate::tls) fn answered_by(&self, config: &ServerConfig) -> Arc<ServerConfig> {
        let mut config = config.clone();
        config.alpn_protocols.push(PROTOCOL.to_vec());
        config.cert_resolver = Arc::new(Answers { challenges: self.clone(), usual: config.cert_resolver });
        Arc::new(config)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Shown) -> T) -> T {
        // Each change is one step, so that a panic in between leaves nothing half done.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Debug)]
struct Answers {
    challenges: Challenges,
    usual: Arc<dyn ResolvesServerCert>,
}

impl ResolvesServerCert for Answers {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut protocols = hello.alpn().into_iter().flatten();
        if protocols.next() != Some(PROTOCOL) || protocols.next().is_some() {
            return self.usual.resolve(hello);
        }
        let name = hello.server_name()?.to_ascii_lowercase();
        self.challenges.with(|shown| shown.get(&name).cloned())
    }
}

fn certified(name: &str, digest: &[u8]) -> Result<CertifiedKey, String> {
    let key = KeyPair::generate().map_err(|error| error.to_string())?;
    let mut params = CertificateParams::new([name.to_owned()]).map_err(|error| error.to_string())?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = params.self_signed(&key).map_err(|error| error.to_string())?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let key = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&key.into()).map_err(|error| error.to_string())?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}
