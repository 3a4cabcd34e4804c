//! The scenarios, one file each, and what they share: a server to test, and its end.

pub(crate) mod smoke;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use anyhow::{Context, Result, bail};
use reqwest::Url;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::TargetArgs;
use crate::own_server::OwnServer;
use crate::participant::Meeting;

/// Runs a scenario against the server that is named, or against one of its own, which is stopped whatever happens.
pub(crate) fn run<T>(args: &TargetArgs, scenario: impl AsyncFnOnce(Meeting) -> Result<T>) -> Result<T> {
    // Only the first call can succeed; a provider that is there already is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().context("no threads can be started")?;
    runtime.block_on(async {
        let mut interruption = Interruption::expect().context("signals cannot be handled")?;
        let Some(url) = args.url.clone() else {
            let server = interruption.unless(async { Ok(OwnServer::start().await?) }).await?;
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

/// Ctrl-C, or a polite request to end.
struct Interruption {
    interrupt: Signal,
    terminate: Signal,
}

impl Interruption {
    /// From here on an interruption does not end the process by itself.
    fn expect() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Does the work, or fails when interrupted.
    async fn unless<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            outcome = work => outcome,
            _ = self.interrupt.recv() => bail!("interrupted"),
            _ = self.terminate.recv() => bail!("interrupted"),
        }
    }
}

fn meeting(url: Url, args: &TargetArgs) -> Result<Meeting> {
    let bind = match args.bind {
        Some(ip) if ip.is_unspecified() => bail!("--bind {ip} is no address that media can be sent to; name one of this machine"),
        Some(ip) => ip,
        None => local_ip_towards(&url).with_context(|| format!("no way to {url}; name an address of this machine with --bind"))?,
    };
    Ok(Meeting { url, insecure: args.insecure, bind })
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
