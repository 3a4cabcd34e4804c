//! Servers to be tested that the load tester has not started.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Stdio};

use super::loadtest;

/// A Switchboard. It ends with its standard input.
pub(crate) struct Server {
    process: Child,
    input: Option<ChildStdin>,
    pub(crate) url: String,
    /// Of the admin listener.
    pub(crate) admin: String,
    _data: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = loadtest(&["serve", "--", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", "0"]);
        command.args(["--media-ip", "127.0.0.1", "--log", "error", "--data-dir"]).arg(data.path()).args(flags);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
        let mut said = |what: &str| lines.next().unwrap().trim().strip_prefix(what).unwrap().to_owned();
        let (url, admin) = (said("listening on "), said("admin on "));
        Self { input: process.stdin.take(), process, url, admin, _data: data }
    }

    /// Ends it as a crash does.
    pub(crate) fn crash(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.process.wait();
    }
}

/// The address of something that speaks HTTP and knows nothing that is asked of it.
pub(crate) fn ignorant() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let _ = connection.read(&mut [0; 4_096]);
            let _ = connection.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    url
}
