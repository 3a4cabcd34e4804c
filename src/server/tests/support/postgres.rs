//! A real Postgres of the test's own: reached by a socket in its folder alone, gone when the test process is.

use std::collections::BTreeSet;
use std::fs::{Permissions, read_to_string};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use sqlx::{Connection, PgConnection};

/// Waits for the end of its standard input, which comes with the end of the test however it ends, and takes everything away.
const GUARD: &str = r#"
cat > /dev/null
if [ -f "$1/data/postmaster.pid" ]; then
    pid=$(head -n 1 "$1/data/postmaster.pid")
    kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children") 2> /dev/null
    "$2/pg_ctl" --pgdata "$1/data" --mode immediate stop > /dev/null 2>&1
fi
rm -rf "$1"
"#;

/// What makes it quick, and quiet: nothing of it is to outlive the test.
const OPTIONS: &str = "-F -c listen_addresses='' -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB \
                       -c max_connections=500 -c log_min_messages=fatal";

/// A running Postgres.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// Who it runs as where that is not oneself: it does not run as root.
    owner: Option<(u32, u32)>,
    made: Mutex<BTreeSet<String>>,
    _guard: Child,
}

impl Cluster {
    /// The one for tests that leave it alone.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Cluster> = LazyLock::new(Cluster::start);
        &SHARED
    }

    /// One for a test that stops it.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("switchboard-postgres-").tempdir().unwrap().keep();
        let owner = (folder.metadata().unwrap().uid() == 0).then(unprivileged);
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        let programs = programs();
        let mut guard = run_as(owner, Path::new("sh"));
        let guard = guard.args(["-c", GUARD, "guard"]).args([&folder, &programs]).stdin(Stdio::piped()).spawn().unwrap();
        let cluster = Self { folder, programs, owner, made: Mutex::default(), _guard: guard };
        let data = cluster.data();
        cluster.run("initdb", &["--pgdata", &data, "--username", "switchboard", "--auth", "trust", "--encoding", "UTF8", "--no-sync"]);
        cluster.starts();
        cluster
    }

    /// The URL of the database of this name, which is made the first time.
    pub fn database(&self, name: &str) -> String {
        if self.made.lock().unwrap().insert(name.to_owned()) {
            self.run("createdb", &["--host", self.folder.to_str().unwrap(), "--username", "switchboard", name]);
        }
        self.url("switchboard", name)
    }

    /// A URL of it.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@localhost/{database}?host={}", self.folder.display())
    }

    /// The folder its socket is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Everything a database holds, as text.
    pub fn dump(&self, name: &str) -> Vec<u8> {
        self.run("pg_dump", &["--host", self.folder.to_str().unwrap(), "--username", "switchboard", name])
    }

    /// Runs a statement as who may do everything.
    pub async fn runs(&self, statement: &'static str) {
        let mut connection = PgConnection::connect(&self.url("switchboard", "postgres")).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }

    /// Its version, as 150018 is 15.18.
    pub async fn version(&self) -> String {
        let mut connection = PgConnection::connect(&self.url("switchboard", "postgres")).await.unwrap();
        sqlx::query_scalar("SELECT current_setting('server_version_num')").fetch_one(&mut connection).await.unwrap()
    }

    /// Lets who logs in be asked for a password.
    pub fn asks_for_passwords(&self) {
        std::fs::write(self.folder.join("data/pg_hba.conf"), "local all switchboard trust\nlocal all all scram-sha-256\n").unwrap();
        self.run("pg_ctl", &["--pgdata", &self.data(), "reload"]);
    }

    /// Starts it again.
    pub fn starts(&self) {
        let options = format!("{OPTIONS} -k {}", self.folder.display());
        let log = self.folder.join("log");
        self.run("pg_ctl", &["--pgdata", &self.data(), "--options", &options, "--log", log.to_str().unwrap(), "--wait", "start"]);
    }

    /// Stops it; who is connected is cut off.
    pub fn stops(&self) {
        self.run("pg_ctl", &["--pgdata", &self.data(), "--mode", "fast", "--wait", "stop"]);
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
        let pid = read_to_string(self.folder.join("data/postmaster.pid")).unwrap().lines().next().unwrap().to_owned();
        let children = read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        // Some of the children may have ended meanwhile.
        Command::new("kill").arg(signal).arg(&pid).args(children.split_whitespace()).stderr(Stdio::null()).status().unwrap();
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, args: &[&str]) -> Vec<u8> {
        let mut command = run_as(self.owner, &self.programs.join(program));
        // What it starts keeps no pipe of ours: a file takes what it says.
        let said = tempfile::NamedTempFile::new().unwrap();
        let out = || Stdio::from(said.reopen().unwrap());
        let status = command.args(args).stdin(Stdio::null()).stdout(out()).stderr(out()).status().unwrap();
        let said = std::fs::read(said.path()).unwrap();
        assert!(status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&said));
        said
    }
}

fn run_as(owner: Option<(u32, u32)>, program: &Path) -> Command {
    let Some((user, group)) = owner else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()]).arg("--").arg(program);
    // Where the test runs may not be theirs to enter.
    command.current_dir("/");
    command
}

/// User and group that own nothing: Debian's for Postgres, or nobody.
fn unprivileged() -> (u32, u32) {
    let users = read_to_string("/etc/passwd").unwrap();
    let of = |name: &str| {
        let fields: Vec<&str> = users.lines().map(|line| line.split(':').collect()).find(|fields: &Vec<&str>| fields[0] == name)?;
        Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
    };
    of("postgres").or_else(|| of("nobody")).unwrap()
}

/// Where its programs are: Debian keeps them apart by version.
fn programs() -> PathBuf {
    let told = Command::new("pg_config").arg("--bindir").output().map(|told| String::from_utf8(told.stdout).unwrap());
    let told = match told {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        told => Some(PathBuf::from(told.unwrap().trim())),
    };
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().map(|version| version.unwrap().path().join("bin"));
    let mut found: Vec<PathBuf> = versions.chain(told).filter(|folder| folder.join("initdb").exists()).collect();
    found.sort();
    found.pop().expect("Postgres is installed: the Debian package postgresql")
}
