//! A server with a certificate of its own, as on a local network.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Stdio};

use super::{loadtest, said};

/// It ends with its standard input.
struct LanServer {
    process: Child,
    input: Option<ChildStdin>,
    url: String,
    _data: tempfile::TempDir,
}

impl LanServer {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = loadtest();
        command.args(["serve", "--lan", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", "0"]);
        command.args(["--media-ip", "127.0.0.1", "--no-limits", "--log", "error", "--data-dir"]).arg(data.path());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { input: process.stdin.take(), process, url, _data: data }
    }
}

impl Drop for LanServer {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.process.wait();
    }
}

#[test]
fn a_certificate_nobody_signed_is_taken_only_when_asked_to() {
    let server = LanServer::start();
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let smoke = |flags: &[&str]| loadtest().args(["smoke", "--seconds", "0.5", "--url", &server.url]).args(flags).output().unwrap();

    let careful = smoke(&[]);
    assert_eq!(careful.status.code(), Some(2));
    assert!(said(&careful).contains("certificate"), "{}", said(&careful));

    let careless = smoke(&["--insecure"]);
    assert_eq!((careless.status.code(), said(&careless).as_str()), (Some(0), ""));
}
