//! Certificates that an authority gives.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use reqwest::Certificate;
use tempfile::tempdir;

use crate::support::authority::Authority;
use crate::support::{Process, complaint, eventually, something};

const NAME: &str = "calls.example.org";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn port(server: &Process) -> u16 {
    server.said("listening on ").rsplit_once(':').unwrap().1.parse().unwrap()
}

/// Whether people who trust the authority are served by that name.
async fn is_served(authority: &Authority, port: u16) -> bool {
    let root = Certificate::from_pem(&authority.root_pem).unwrap();
    let http = reqwest::Client::builder().tls_certs_only([root]).resolve(NAME, SocketAddr::from(([127, 0, 0, 1], port))).build().unwrap();
    http.get(format!("https://{NAME}:{port}/v1/openapi.json")).send().await.is_ok()
}

fn serve(folder: &Path, flags: &[String]) -> Process {
    Process::serve(folder, &flags.iter().map(String::as_str).collect::<Vec<_>>())
}

#[tokio::test]
async fn an_authority_gives_a_certificate_renews_it_before_it_ends_and_is_not_asked_again_by_the_next_run() {
    let folder = tempdir().unwrap();
    let data = folder.path().join("data");
    // The first is good for a few seconds, of which a third is left for another.
    let authority = Authority::start(folder.path(), &[Duration::from_secs(5), 90 * DAY]).await;
    let mut server = serve(&data, &authority.flags(NAME));
    let at = port(&server);
    assert!(!is_served(&authority, at).await, "it cannot have one before the authority has looked");
    authority.looks_at(at);
    eventually("one is given", true, async || is_served(&authority, at).await).await;
    eventually("another is given in time", (1, 2), async || authority.counted()).await;
    assert!(is_served(&authority, at).await);
    server.terminate();
    assert!(server.wait().success());

    let server = serve(&data, &authority.flags(NAME));
    let at = port(&server);
    eventually("the one that was kept is shown", true, async || is_served(&authority, at).await).await;
    assert_eq!(authority.counted(), (1, 2), "it is good for months");
    drop(server);

    let other = serve(&data, &authority.flags("other.example.org"));
    authority.looks_at(port(&other));
    eventually("one for the new name is asked for, by the same account", (1, 3), async || authority.counted()).await;
    assert_eq!(authority.faults(), [""; 0]);
}

/// A server that is given no certificate: it, and its word of why.
async fn in_vain(folder: &Path, flags: &[String]) -> (Process, String) {
    let server = serve(&folder.join("data"), flags);
    let said = || server.log().lines().find(|line| line.contains("no certificate was given")).map(str::to_owned);
    let line = something("a word of it", async || said()).await;
    (server, line)
}

#[tokio::test]
async fn a_server_whose_name_leads_elsewhere_goes_on_and_says_so() {
    let folder = tempdir().unwrap();
    let authority = Authority::start(folder.path(), &[90 * DAY]).await;
    // Nobody answers there.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    authority.looks_at(nobody.local_addr().unwrap().port());
    drop(nobody);
    let (server, line) = in_vain(folder.path(), &authority.flags(NAME)).await;
    for part in [NAME, "Connection refused", "port 443", " — "] {
        assert!(line.contains(part), "{part} is not in: {line}");
    }
    let at = port(&server);
    let http = reqwest::Client::builder().danger_accept_invalid_certs(true).build().unwrap();
    assert!(http.get(format!("https://127.0.0.1:{at}/v1/openapi.json")).send().await.is_ok(), "with one of its own");
    assert!(!is_served(&authority, at).await);
    assert_eq!(authority.counted(), (1, 1));
}

#[tokio::test]
async fn an_authority_that_is_not_there_or_not_to_be_trusted_is_named_with_the_cause() {
    let folder = tempdir().unwrap();
    let authority = Authority::start(folder.path(), &[90 * DAY]).await;
    let mut nowhere = authority.flags(NAME);
    nowhere[3] = "https://127.0.0.1:1/directory".to_owned();
    let (_server, line) = in_vain(folder.path(), &nowhere).await;
    assert!(line.contains("Connection refused") && line.contains("--acme-directory"), "{line}");

    let other = tempdir().unwrap();
    let unknown = Authority::start(other.path(), &[90 * DAY]).await;
    let mut flags = authority.flags(NAME);
    flags[3] = unknown.flags(NAME)[3].clone();
    let (_server, line) = in_vain(other.path(), &flags).await;
    assert!(line.contains("invalid peer certificate"), "{line}");
    assert_eq!((authority.counted(), unknown.counted()), ((0, 0), (0, 0)));
}

#[test]
fn a_root_that_cannot_be_read_is_told_before_anything_starts() {
    let folder = tempdir().unwrap();
    let data = folder.path().join("data");
    let args =
        ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", "0", "--data-dir", data.to_str().unwrap()];
    let (line, status) = complaint(&Process::output(&[&args[..], &["--acme-domain", NAME, "--acme-root", "/nowhere.pem"]].concat()));
    assert!(status == 1 && line.contains("/nowhere.pem cannot be read as a root certificate"), "{status} {line}");
}

#[tokio::test]
async fn a_server_whose_certificate_ended_while_it_was_stopped_starts_and_is_given_another() {
    let folder = tempdir().unwrap();
    let data = folder.path().join("data");
    let authority = Authority::start(folder.path(), &[Duration::from_secs(2), 90 * DAY]).await;
    let mut server = serve(&data, &authority.flags(NAME));
    let at = port(&server);
    authority.looks_at(at);
    eventually("one is given", true, async || is_served(&authority, at).await).await;
    server.kill();
    let first = std::fs::read(data.join("acme.pem")).unwrap();
    let ended = || SystemTime::now() > std::fs::metadata(data.join("acme.pem")).unwrap().modified().unwrap() + Duration::from_secs(3);
    eventually("it to end", true, async || ended()).await;
    let server = serve(&data, &authority.flags(NAME));
    let at = port(&server);
    authority.looks_at(at);
    eventually("another is given", true, async || is_served(&authority, at).await).await;
    assert_ne!(std::fs::read(data.join("acme.pem")).unwrap(), first);
}
