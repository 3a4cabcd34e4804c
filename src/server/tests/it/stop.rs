//! Stopping the real binary.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::support::{Process, eventually};

#[test]
fn asked_to_stop_an_idle_server_ends_well_and_at_once() {
    let folder = tempdir().unwrap();
    let mut server = Process::serve(folder.path(), &[]);
    let start = Instant::now();
    server.terminate();
    assert_eq!(server.wait().code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(9), "it waited for nobody");
}

#[tokio::test]
async fn a_request_under_way_is_finished_while_no_new_one_is_taken() {
    let folder = tempdir().unwrap();
    let mut server = Process::serve(folder.path(), &[]);
    let address = server.said("listening on http://").to_owned();
    let ready = format!("{}/readyz", server.said("admin on "));
    let body = r#"{"phone": "+79001234567", "password": "password123"}"#;
    let mut under_way = TcpStream::connect(&address).unwrap();
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    under_way.write_all(head.as_bytes()).unwrap();
    // It says so when it has read the head and wants the body: then the request is under way.
    let mut wanted = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    under_way.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    under_way.read_exact(&mut wanted).unwrap();
    assert!(wanted.starts_with(b"HTTP/1.1 100"), "{wanted:?}");
    under_way.write_all(&body.as_bytes()[..10]).unwrap();
    eventually("the server to be ready", true, async || reqwest::get(&ready).await.is_ok_and(|answer| answer.status() == 200)).await;

    server.terminate();
    eventually("the server to say it stops", true, async || reqwest::get(&ready).await.is_ok_and(|answer| answer.status() == 503)).await;
    eventually("new connections to be refused", true, async || TcpStream::connect(&address).is_err()).await;
    under_way.write_all(&body.as_bytes()[10..]).unwrap();
    let mut answer = String::new();
    under_way.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("wrong_credentials"), "{answer}");
    assert_eq!(server.wait().code(), Some(0));
}
