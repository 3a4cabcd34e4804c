//! STUN and TURN servers as operators run them: Debian's coturn.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use tempfile::{TempDir, tempdir};

use super::doctor;
use crate::support::something;

/// A coturn on loopback that takes credentials made of the secret "hush". It is killed when it is dropped.
struct Coturn {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Coturn {
    async fn start() -> Self {
        // Somebody may take the port before it does: it ends then, and another is tried.
        for _ in 0..5 {
            let mut coturn = Self::spawn();
            let listens = something("a coturn that listens", async || match coturn.child.try_wait().unwrap() {
                Some(_) => Some(false),
                None => TcpStream::connect(("127.0.0.1", coturn.port)).is_ok().then_some(true),
            });
            if listens.await {
                return coturn;
            }
        }
        panic!("coturn does not start");
    }

    fn spawn() -> Self {
        let folder = tempdir().unwrap();
        let port = free_port();
        let file = |name: &str| folder.path().join(name).display().to_string();
        let child = Command::new("turnserver")
            .args(["-n", "--no-cli", "--no-tls", "--no-dtls", "--realm=example.org", "--use-auth-secret", "--static-auth-secret=hush"])
            .args(["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--log-file=stdout", "--simple-log"])
            .args([format!("--listening-port={port}"), format!("--pidfile={}", file("pid")), format!("--userdb={}", file("users"))])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian's coturn is installed");
        Self { child, port, _folder: folder }
    }
}

impl Drop for Coturn {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_relay_is_allocated_by_udp_and_by_tcp() {
    let (folder, coturn) = (tempdir().unwrap(), Coturn::start().await);
    for transport in ["", "?transport=udp", "?transport=tcp"] {
        let url = format!("turn:127.0.0.1:{}{transport}", coturn.port);
        let report = doctor(folder.path(), &["--turn-url", &url, "--turn-secret", "hush"]);
        report.ticks("turn", "relays from 127.0.0.1:");
        assert_eq!(report.status, 0);
    }
}

#[tokio::test]
async fn a_wrong_secret_fails_and_is_not_shown() {
    let (folder, coturn) = (tempdir().unwrap(), Coturn::start().await);
    let url = format!("turn:127.0.0.1:{}", coturn.port);
    let report = doctor(folder.path(), &["--turn-url", &url, "--turn-secret", "another"]);
    report.fails("turn", "refuses our credentials");
    assert!(!format!("{report:?}").contains("another"));
}

#[test]
fn a_server_that_does_not_answer_fails() {
    let folder = tempdir().unwrap();
    let nobody = free_port();
    for transport in ["udp", "tcp"] {
        let url = format!("turn:127.0.0.1:{nobody}?transport={transport}");
        doctor(folder.path(), &["--turn-url", &url, "--turn-secret", "hush"]).fails("turn", "nothing listens there");
    }
    doctor(folder.path(), &["--stun", &format!("127.0.0.1:{nobody}")]).fails("stun", "nothing listens there");
}

#[test]
fn a_name_that_is_not_found_fails() {
    let folder = tempdir().unwrap();
    doctor(folder.path(), &["--stun", "no-such-name.invalid:3478"]).fails("stun", "cannot be asked");
}

#[test]
fn what_does_not_speak_turn_fails() {
    let folder = tempdir().unwrap();
    // It takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("turn:127.0.0.1:{}?transport=tcp", silent.local_addr().unwrap().port());
    doctor(folder.path(), &["--turn-url", &url, "--turn-secret", "hush"]).fails("turn", "does not answer");
}

#[tokio::test]
async fn the_address_that_others_see_is_one_that_clients_are_told_of() {
    let (folder, coturn) = (tempdir().unwrap(), Coturn::start().await);
    let server = format!("127.0.0.1:{}", coturn.port);
    doctor(folder.path(), &["--stun", &server]).ticks("stun", "sees this machine at 127.0.0.1");
    doctor(folder.path(), &["--stun", &server, "--media-ip", "127.0.0.2"]).ticks("stun", "at 127.0.0.1, which media ports learn");
    // By a family that they do not speak, they learn nothing.
    let report = doctor(folder.path(), &["--stun", &server, "--media-ip", "::1"]);
    report.warns("stun", "of which clients are not told");
    assert!(report.finding("stun").cure.as_ref().unwrap().ends_with("--media-ip 127.0.0.1"));
}
