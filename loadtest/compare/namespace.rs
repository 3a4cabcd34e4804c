//! The network of one comparison: a namespace for the load tester and one for servers, nothing in them but loopback and the ends of
//! a veth pair. They have no names, so that each ends with the last process in it, by whatever way that ends.

use std::convert::Infallible;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};

use crate::leash;
use crate::place::Place;

/// The ends of the pair; RFC 2544 §C.2.2 sets these addresses aside for measuring.
const SERVER: (&str, Ipv4Addr) = ("sb-server", Ipv4Addr::new(198, 18, 0, 1));
const TESTER: (&str, Ipv4Addr) = ("sb-tester", Ipv4Addr::new(198, 18, 0, 2));
const PREFIX_BITS: u8 = 30;

/// The pair, which is up for as long as this is there.
#[derive(Debug)]
pub(super) struct Veth {
    pub(super) server: IpAddr,
    pub(super) tester: IpAddr,
    /// The file of the namespace that servers are started in.
    pub(super) server_namespace: PathBuf,
    holder: Child,
    /// The holder ends with it.
    pipe: ChildStdin,
}

/// The name that the kernel gives to this process's namespace.
pub(super) fn current() -> Result<OsString> {
    Ok(std::fs::read_link("/proc/self/ns/net").context("this system has no network namespaces")?.into())
}

/// Whether this process is in another than the one named, so that its interfaces may be set up.
pub(super) fn expect_other_than(outside: &OsString) -> Result<()> {
    ensure!(current()? != *outside, "--outside is for compare itself: this is no network namespace of its own");
    Ok(())
}

/// Becomes this program with these arguments, in a new namespace.
pub(super) fn enter(args: impl Iterator<Item = OsString>) -> Result<Infallible> {
    // Whoever is not root may be root in a namespace of users, where the system allows that.
    let attempt = |flags: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(flags).args(["--net", "--"]);
        command
    };
    let mut refusal = String::new();
    for flags in [&[][..], &["--map-root-user"][..]] {
        let tried = attempt(flags).arg("true").output().context("unshare cannot be run: apt-get install util-linux")?;
        if tried.status.success() {
            let error = attempt(flags).arg(std::env::current_exe()?).args(args).exec();
            return Err(error).context("unshare cannot be run");
        }
        refusal = String::from_utf8_lossy(&tried.stderr).trim().to_owned();
    }
    bail!("compare makes a network namespace, which needs root: {refusal}")
}

impl Veth {
    /// Sets the pair up: one end here, the other in a namespace for servers. Were both here, the kernel would hand datagrams over by
    /// loopback, where Janus's sockets, which it binds to their interface, hear nothing.
    pub(super) async fn set_up() -> Result<Self> {
        let (holder, pipe) = hold().await?;
        let pid = holder.id().context("the namespace for servers has ended")?;
        let server_namespace = PathBuf::from(format!("/proc/{pid}/ns/net"));
        let there: Vec<String> = vec!["nsenter".to_owned(), format!("--net={}", server_namespace.display()), "ip".to_owned()];
        let here = vec!["ip".to_owned()];
        run(&here, &["link", "add", "name", TESTER.0, "type", "veth", "peer", "name", SERVER.0, "netns", &pid.to_string()]).await?;
        for (side, (name, ip)) in [(&here, TESTER), (&there, SERVER)] {
            run(side, &["link", "set", "lo", "up"]).await?;
            run(side, &["address", "add", &format!("{ip}/{PREFIX_BITS}"), "dev", name]).await?;
            run(side, &["link", "set", name, "up"]).await?;
        }
        Ok(Self { server: SERVER.1.into(), tester: TESTER.1.into(), server_namespace, holder, pipe })
    }

    /// Ends the servers' namespace; the other one ends with this process.
    pub(super) async fn tear_down(self) -> Result<()> {
        let Self { mut holder, pipe, .. } = self;
        drop(pipe);
        holder.wait().await.context("the namespace for servers cannot be ended")?;
        Ok(())
    }
}

/// A process that does nothing but be in a namespace of its own. It ends with this process.
async fn hold() -> Result<(Child, ChildStdin)> {
    let mut command = Command::from(leash::command(&Place::default(), Path::new("unshare"))?);
    command.args(["--net", "--", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).kill_on_drop(true);
    let mut holder = command.spawn().context("unshare cannot be run")?;
    let mut pipe = holder.stdin.take().expect("standard input is a pipe");
    let mut output = holder.stdout.take().expect("standard output is a pipe");
    // It answers when it is there.
    pipe.write_all(b"?").await.context("no namespace for servers can be made")?;
    output.read_exact(&mut [0]).await.context("no namespace for servers can be made")?;
    Ok((holder, pipe))
}

async fn run(side: &[String], args: &[&str]) -> Result<()> {
    let program = side.first().map_or("ip", String::as_str);
    let ran = Command::new(program).args(side.iter().skip(1)).args(args).output().await;
    let ran = ran.with_context(|| format!("{program} cannot be run: apt-get install iproute2 util-linux"))?;
    let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
    ensure!(ran.status.success(), "ip {} failed: {said}", args.join(" "));
    Ok(())
}
