//! The UDP port that media comes to.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use str0m::crypto::from_feature_flags;
use str0m::ice::{StunMessage, TransId};
use switchboard_protocol::{EndReason, Reply, Request};
use tempfile::tempdir;

use crate::support::{Process, TestApp, complaint, eventually};

/// The address in an answer's first candidate (RFC 8839 §5.1).
fn candidate(answer: &str) -> SocketAddr {
    let line = answer.lines().find_map(|line| line.strip_prefix("a=candidate:")).unwrap();
    let fields: Vec<&str> = line.split(' ').collect();
    format!("{}:{}", fields[4], fields[5]).parse().unwrap()
}

#[tokio::test]
async fn garbage_is_counted_and_disturbs_no_call() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let placed = a.tries_to_call(vec![boris.id]).await.unwrap();
    let Reply::Placed { call, answer, .. } = placed else { panic!("{placed:?}") };

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let media = candidate(&answer.0);
    // An empty datagram, plain noise, broken STUN, DTLS and RTP from an address that has proved nothing.
    let thrown: [&[u8]; 5] = [&[], &[0xff; 700], &[0, 1, 0, 8], &[22; 100], &[0x80; 100]];
    for datagram in thrown.iter().cycle().take(500) {
        socket.send_to(datagram, media).unwrap();
    }
    eventually("dropped datagrams are counted by kind", true, async || {
        let (_, metrics) = app.admin("/metrics").await;
        let dropped = |reason: &str| {
            let name = format!("switchboard_packets_dropped_total{{reason=\"{reason}\"}} ");
            metrics.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse::<u64>().unwrap())
        };
        dropped("garbage") >= 100 && dropped("unknown_address") >= 100
    })
    .await;

    b.rings().await;
    b.accepts(call).await.unwrap();
    a.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(b.sees_the_end(call).await, EndReason::HungUp);
}

/// A connectivity check (RFC 8445 §7.2) of a client with this answer.
fn binding_request(answer: &str) -> Vec<u8> {
    let attribute = |name: &str| answer.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    let (username, password) = (format!("{}:me", attribute("a=ice-ufrag:")), attribute("a=ice-pwd:"));
    let request = StunMessage::binding_request(&username, TransId::new(), true, 1, 1, true);
    let mut datagram = vec![0; 500];
    let sha1 = |key: &[u8], parts: &[&[u8]]| from_feature_flags().sha1_hmac_provider.sha1_hmac(key, parts);
    let length = request.to_bytes(Some(password.as_bytes()), &mut datagram, sha1).unwrap();
    datagram.truncate(length);
    datagram
}

#[tokio::test]
async fn a_device_whose_media_never_comes_up_is_told_and_can_call_again() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let placed = a.tries_to_call(vec![boris.id]).await.unwrap();
    let Reply::Placed { call, answer, .. } = placed else { panic!("{placed:?}") };
    b.rings().await;
    b.accepts(call).await.unwrap();
    // Anna's client is reached, and never shakes hands: she is given up after ten seconds.
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(&binding_request(&answer.0), candidate(&answer.0)).unwrap();
    let patience = Duration::from_secs(25);
    let ends = tokio::join!(a.sees_the_end_within(call, patience), b.sees_the_end_within(call, patience));
    assert_eq!(ends, (EndReason::ConnectionLost, EndReason::ConnectionLost));
    let again = a.calls(&[&boris]).await;
    assert_eq!(b.rings().await, again);
}

#[test]
fn a_media_port_in_use_is_told_with_the_flag_that_changes_it() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", &port, "--media-ip", "127.0.0.1"];
    let (line, status) = complaint(&Process::output(&[&args[..], &["--data-dir", folder]].concat()));
    assert_eq!(status, 1);
    assert!(line.contains(&port) && line.contains("--media-udp"), "{line}");
}
