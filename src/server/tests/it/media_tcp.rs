//! Media by TCP.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use switchboard_protocol::{Reply, TrackRole};
use tempfile::tempdir;

use crate::support::{Peer, Process, TestApp, complaint, eventually, tcp_candidate};

async fn metric(app: &TestApp, name: &str) -> u64 {
    let (_, metrics) = app.admin("/metrics").await;
    metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn somebody_who_has_no_way_but_tcp_hears_and_is_heard() {
    let app = TestApp::start().await;
    let (call, [mut anna, boris]) = app.in_one_call(["Anna", "Boris"]).await;
    anna.joins_with(call, Peer::by_tcp().await).await;
    anna.is_connected().await;
    eventually("a connection is open", 1, async || metric(&app, "switchboard_media_tcp_connections ").await).await;
    let heard = |peer: &Peer| peer.mids(TrackRole::AudioSlot).iter().map(|mid| peer.arrived(mid)).sum::<u64>();
    let (by_anna, by_boris) = (heard(&anna.peer), heard(&boris.peer));
    anna.peer.speaks(true);
    boris.peer.speaks(true);
    anna.peer.shows(true);
    eventually("both are heard", (true, true), async || (heard(&anna.peer) > by_anna + 50, heard(&boris.peer) > by_boris + 50)).await;
    let seen = |peer: &Peer| peer.mids(TrackRole::VideoSlot).iter().map(|mid| peer.arrived(mid)).sum::<u64>();
    eventually("Anna is seen", true, async || seen(&boris.peer) > 10).await;
    drop(anna.peer);
    eventually("the connection is closed", (0, 1), async || {
        let closed = metric(&app, r#"switchboard_media_tcp_closed_total{reason="peer"} "#).await;
        (metric(&app, "switchboard_media_tcp_connections ").await, closed)
    })
    .await;
}

#[tokio::test]
async fn what_passes_by_tcp_alone_is_counted_and_timed_as_by_udp() {
    let app = TestApp::start().await;
    let (call, mut guests) = app.in_one_call(["Anna", "Boris"]).await;
    for guest in &mut guests {
        guest.joins_with(call, Peer::by_tcp().await).await;
        guest.is_connected().await;
    }
    eventually("nobody comes by UDP", 2, async || metric(&app, "switchboard_legs ").await).await;
    let all = ["switchboard_received_bytes_total ", "switchboard_sent_bytes_total ", "switchboard_forwarding_seconds_count "];
    let read = async || [metric(&app, all[0]).await, metric(&app, all[1]).await, metric(&app, all[2]).await];
    let before = read().await;
    guests[0].peer.speaks(true);
    eventually("a voice of seconds is counted", true, async || {
        let now = read().await;
        now[0] > before[0] + 5_000 && now[1] > before[1] + 5_000 && now[2] > before[2] + 50
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_brings_garbage_is_closed_and_disturbs_no_call() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let placed = a.tries_to_call(vec![boris.id]).await.unwrap();
    let Reply::Placed { call, answer, .. } = placed else { panic!("{placed:?}") };
    let media = tcp_candidate(&answer.0);
    for thrown in [&b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"[..], &[0, 4, 0, 1, 0, 8], &[0, 20, 22, 254, 253], &[0, 3, 128, 0, 0]] {
        // What is announced is sent, so that there is a whole frame.
        let length = usize::from(u16::from_be_bytes([thrown[0], thrown[1]]));
        let mut stream = TcpStream::connect(media).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(&[thrown, &vec![0; (length + 2).saturating_sub(thrown.len())]].concat()).unwrap();
        let closed = tokio::task::spawn_blocking(move || match stream.read(&mut [0; 100]) {
            Ok(length) => length == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        });
        assert!(closed.await.unwrap(), "{thrown:?}");
    }
    eventually("each is counted", 4, async || metric(&app, r#"switchboard_media_tcp_closed_total{reason="garbage"} "#).await).await;
    b.rings().await;
    b.accepts(call).await.unwrap();
}

#[tokio::test]
async fn without_tcp_no_answer_has_it_and_nobody_listens() {
    let app = TestApp::start_with(&["--no-limits", "--media-tcp", "off"]).await;
    let (_anna, mut a, boris, _b) = app.anna_and_boris().await;
    let placed = a.tries_to_call(vec![boris.id]).await.unwrap();
    let Reply::Placed { answer, .. } = placed else { panic!("{placed:?}") };
    assert!(answer.0.contains(" udp ") && !answer.0.contains(" tcp "), "{}", answer.0);
}

#[test]
fn a_tcp_port_in_use_is_told_with_the_flags_that_help() {
    // One that is free by UDP: another test may have that port for a moment.
    let (taken, port) = loop {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            break (taken, port.to_string());
        }
    };
    let folder = tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", &port, "--media-ip", "127.0.0.1"];
    let (line, status) = complaint(&Process::output(&[&args[..], &["--data-dir", folder]].concat()));
    assert_eq!(status, 1);
    assert!(line.contains(&port) && line.contains("TCP") && line.contains("--media-tcp off"), "{line}");
    drop(taken);
}
