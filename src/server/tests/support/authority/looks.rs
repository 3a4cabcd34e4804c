//! How the authority looks at a name (RFC 8737 §3).

use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, Stream};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::asn1::{ObjectIdentifier, OctetString};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

const PROOF: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.31");

/// Whether the server at this port shows the proof for a name.
pub(super) fn at(name: &str, port: u16, proof: &[u8]) -> Result<(), String> {
    let shown = Arc::new(Shown::default());
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(shown.clone())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"acme-tls/1".to_vec()];
    let mut connection = ClientConnection::new(Arc::new(config), ServerName::try_from(name.to_owned()).unwrap()).unwrap();
    let mut socket = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    Stream::new(&mut connection, &mut socket).flush().map_err(|error| format!("no handshake: {error}"))?;
    if connection.alpn_protocol() != Some(b"acme-tls/1") {
        return Err("it answers by another protocol".to_owned());
    }
    let shown = shown.0.lock().unwrap().take().ok_or("no certificate")?;
    let certificate = Certificate::from_der(&shown).map_err(|error| error.to_string())?;
    let names = certificate.tbs_certificate().get_extension::<SubjectAltName>().ok().flatten().map(|(_, names)| names.0);
    let Some([GeneralName::DnsName(own)]) = names.as_deref() else { return Err("not one name".to_owned()) };
    let extensions = certificate.tbs_certificate().extensions().into_iter().flatten();
    let proofs: Vec<_> = extensions.filter(|extension| extension.extn_id == PROOF && extension.critical).collect();
    let [extension] = proofs[..] else { return Err("not one proof".to_owned()) };
    let octets = OctetString::from_der(extension.extn_value.as_bytes()).map_err(|error| error.to_string())?;
    if own.as_str() == name && octets.as_bytes() == proof { Ok(()) } else { Err("the proof of something else".to_owned()) }
}

/// Takes every certificate, which is looked at afterwards.
#[derive(Debug, Default)]
struct Shown(Mutex<Option<Vec<u8>>>);

impl ServerCertVerifier for Shown {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.0.lock().unwrap() = Some(end_entity.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}
