//! A real Redis of the test's own: reached by a socket in its folder alone, gone when the test process is.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ::redis::{Client, Connection};
use tempfile::TempDir;

/// Waits for the end of its standard input, which comes with the end of the test however it ends, and takes the server away.
const GUARD: &str = r#"cat > /dev/null; kill -CONT "$1" 2> /dev/null; kill -KILL "$1" 2> /dev/null"#;

/// A running Redis.
pub struct RedisServer {
    folder: TempDir,
    flags: Vec<String>,
    running: Mutex<Option<(Child, Child)>>,
}

impl RedisServer {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with these flags.
    pub fn start_with(flags: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("switchboard-redis-").tempdir().unwrap();
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let server = Self { folder, flags, running: Mutex::default() };
        server.starts();
        server
    }

    /// Starts it again; nothing is left of what it held.
    pub fn starts(&self) {
        let socket = self.socket();
        let common = ["--port", "0", "--unixsocket", socket.to_str().unwrap(), "--save", "", "--appendonly", "no"];
        let mut command = Command::new("redis-server");
        command.args(common).args(&self.flags).current_dir(self.folder.path());
        let mut server = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("redis-server is installed");
        let mut guard = Command::new("sh");
        let guard = guard.args(["-c", GUARD, "guard", &server.id().to_string()]).stdin(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(server.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(10), "redis-server does not start");
            std::thread::yield_now();
        }
        *self.running.lock().unwrap() = Some((server, guard));
    }

    /// Ends it; who is connected is cut off.
    pub fn stops(&self) {
        let (mut server, mut guard) = self.running.lock().unwrap().take().expect("it runs");
        server.kill().unwrap();
        server.wait().unwrap();
        drop(guard.stdin.take());
        guard.wait().unwrap();
    }

    /// Makes it stand still: connections stay, and nobody answers.
    pub fn freezes(&self) {
        self.signals("-STOP");
    }

    /// Lets it go on.
    pub fn thaws(&self) {
        self.signals("-CONT");
    }

    fn signals(&self, signal: &str) {
        let running = self.running.lock().unwrap();
        let (server, _) = running.as_ref().expect("it runs");
        assert!(Command::new("kill").args([signal, &server.id().to_string()]).status().unwrap().success());
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub fn url(&self) -> String {
        url_of(&self.socket())
    }

    /// The way there behind the server's back.
    pub fn connect(&self) -> Connection {
        Client::open(self.url()).unwrap().get_connection().unwrap()
    }

    /// Does what the words say, behind the server's back.
    pub fn runs(&self, words: &[&str]) {
        ::redis::cmd(words[0]).arg(&words[1..]).exec(&mut self.connect()).unwrap();
    }
}

/// The URL of the Redis with this socket.
pub fn url_of(socket: &Path) -> String {
    format!("redis+unix://{}", socket.display())
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if self.running.lock().unwrap().is_some() {
            self.stops();
        }
    }
}
