//! Certificates from files, renewed while the server runs.

use std::path::Path;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use reqwest::Certificate;
use tempfile::tempdir;

use crate::support::{Answer, Process, complaint, eventually};

/// Puts a pair for this machine in place, as who renews one does: one file after the other. Gives the certificate.
fn put(folder: &Path, until: i32) -> Vec<u8> {
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap().pem();
    std::fs::write(folder.join("cert.pem"), &cert).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    cert.into_bytes()
}

/// Whether the server shows this certificate to whoever connects.
async fn shows(url: &str, pem: &[u8]) -> bool {
    let trusted = Certificate::from_pem(pem).unwrap();
    let http = reqwest::Client::builder().tls_certs_only([trusted]).build().unwrap();
    http.get(format!("{url}/v1/openapi.json")).send().await.is_ok()
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_never() {
    let folder = tempdir().unwrap();
    let first = put(folder.path(), 2090);
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let data = folder.path().join("data");
    let server = Process::serve(&data, &["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()]);
    let (url, admin) = (server.said("listening on ").to_owned(), server.said("admin on ").to_owned());
    assert!(shows(&url, &first).await);
    let expiry = async || {
        let metrics = Answer::of(reqwest::Client::new().get(format!("{admin}/metrics"))).await.expect(200);
        let line =
            |text: &str| text.lines().find_map(|line| line.strip_prefix("switchboard_certificate_expiry_seconds ")?.parse::<u64>().ok());
        line(metrics.as_str().unwrap()).unwrap_or(0)
    };
    let before = expiry().await;

    let second = put(folder.path(), 2091);
    server.hang_up();
    eventually("the renewed one is shown", true, async || shows(&url, &second).await).await;
    assert!(!shows(&url, &first).await);
    let renewed = expiry().await;
    assert_eq!(renewed - before, 365 * 24 * 60 * 60);

    std::fs::write(&key, "no key").unwrap();
    server.hang_up();
    let third = put(folder.path(), 2092);
    std::fs::write(&cert, &second).unwrap();
    server.hang_up();
    assert!(shows(&url, &second).await, "neither garbage nor another's key takes it away");
    std::fs::write(&cert, &third).unwrap();
    server.hang_up();
    eventually("one that fits again is shown", true, async || shows(&url, &third).await).await;
}

#[test]
fn a_server_does_not_start_with_an_expired_certificate() {
    let folder = tempdir().unwrap();
    put(folder.path(), 2021);
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let data = folder.path().join("data");
    let args =
        ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", "0", "--data-dir", data.to_str().unwrap()];
    let files = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let (line, status) = complaint(&Process::output(&[&args[..], &files].concat()));
    assert!(status == 1 && line.contains("cert.pem has expired") && line.contains(" — "), "{status} {line}");
}
