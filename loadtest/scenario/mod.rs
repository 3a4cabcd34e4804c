//! The scenarios, one file each, and what they share: a server to test, and its end.

pub(crate) mod call10;
pub(crate) mod churn;
pub(crate) mod direct;
pub(crate) mod group;
pub(crate) mod livestream;
mod load;
pub(crate) mod ramp;
pub(crate) mod ring_storm;
mod run;
pub(crate) mod smoke;
pub(crate) mod soak;
mod turnover;
pub(crate) mod verify;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use anyhow::{Context, Result, bail};
use reqwest::Url;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::TargetArgs;
use crate::engine::{Engine, EngineOptions};
use crate::target::switchboard::{Meeting, OwnServer, ServerOptions};
pub(crate) use run::{run_churn, run_load, run_ramp, run_ring_storm, run_soak, run_verify};

/// Runs a scenario against the server that is named, or against one of its own, which is stopped whatever happens.
pub(crate) fn run<T>(args: &TargetArgs, scenario: impl AsyncFnOnce(Meeting) -> Result<T>) -> Result<T> {
    runtime()?.block_on(async {
        let mut interruption = Interruption::expect().context("signals cannot be handled")?;
        let Some(url) = args.url.clone() else {
            let server = interruption.unless(async { Ok(OwnServer::start(&ServerOptions::default()).await?) }).await?;
            let outcome = match meeting(server.url().clone(), args) {
                Ok(meeting) => interruption.unless(scenario(meeting)).await,
                Err(error) => Err(error),
            };
            return match server.stop().await {
                Ok(()) => outcome,
                // How the server ended explains best what went wrong before.
                Err(ended) => outcome.and_then(|_| bail!("after all calls")).context(ended),
            };
        };
        interruption.unless(scenario(meeting(url, args)?)).await
    })
}

/// Where scenarios and signalling live; media has threads of its own.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    // Only the first call can succeed; a provider that is there already is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().context("no threads can be started")
}

/// Ctrl-C, or a polite request to end.
pub(crate) struct Interruption {
    interrupt: Signal,
    terminate: Signal,
}

impl Interruption {
    /// From here on an interruption does not end the process by itself.
    pub(crate) fn expect() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Does the work, or fails when interrupted.
    async fn unless<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            outcome = work => outcome,
            () = self.comes() => bail!("interrupted"),
        }
    }

    /// Waits for one.
    pub(crate) async fn comes(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn meeting(url: Url, args: &TargetArgs) -> Result<Meeting> {
    let engine = Engine::start(EngineOptions { threads: 1, gro: false, allow_remote: args.allow_remote })?;
    let bind = bind_towards(&url, args)?;
    Ok(Meeting::unwatched(url, args.insecure, bind, engine))
}

/// Whether the server is one that may be sent to. It is asked before anything is.
pub(crate) fn check_host(url: Option<&Url>, allow_remote: bool) -> Result<()> {
    let Some(url) = url.filter(|_| !allow_remote) else { return Ok(()) };
    let addresses = url.socket_addrs(|| None).with_context(|| format!("{url} cannot be found"))?;
    if addresses.iter().all(|address| address.ip().is_loopback()) {
        return Ok(());
    }
    bail!("{url} is another host; --allow-remote says that it may be sent to")
}

/// An address that a server can be started at: one of this machine.
fn own_address(ip: IpAddr) -> Result<IpAddr> {
    UdpSocket::bind(SocketAddr::new(ip, 0)).with_context(|| format!("--host {ip} is no address of this machine"))?;
    if ip.is_unspecified() {
        bail!("--host {ip} is no address that media can be sent to; name one of this machine");
    }
    Ok(ip)
}

/// The address that media comes from.
fn bind_towards(url: &Url, args: &TargetArgs) -> Result<IpAddr> {
    match args.bind {
        Some(ip) if ip.is_unspecified() => bail!("--bind {ip} is no address that media can be sent to; name one of this machine"),
        Some(ip) => Ok(ip),
        None => local_ip_towards(url).with_context(|| format!("no way to {url}; name an address of this machine with --bind")),
    }
}

/// The address this machine would reach the server from. Asks the routing table; nothing is sent.
fn local_ip_towards(url: &Url) -> std::io::Result<IpAddr> {
    let unreachable = || std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    let server = *url.socket_addrs(|| None)?.first().ok_or_else(unreachable)?;
    let any = if server.is_ipv6() { IpAddr::from(Ipv6Addr::UNSPECIFIED) } else { Ipv4Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
    socket.connect(server)?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_this_machine_is_reached_from_it() {
        let ip = local_ip_towards(&"http://127.0.0.1:8080".parse().unwrap()).unwrap();
        assert_eq!(ip, IpAddr::from(Ipv4Addr::LOCALHOST));
    }
}
