//! The media ports, and a real call of two through each of them at each address that clients are told.
//!
//! The server's own media driver takes the ports for that, so this is what `serve` would do; while one runs on them it cannot be tried.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future::join_all;
use str0m::media::Direction;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until, timeout};

use super::Finding;
use super::caller::{Caller, CallerError, DATAGRAM};
use crate::config::{Config, MediaPorts, local_ips};
use crate::fence::{Hold, fence};
use crate::media_driver::{DriverError, DriverEvent, GroupId, LegEvent, LegId, MediaDriver, Offer, Settings};

const PORTS: &str = "media_ports";
const CALL: &str = "media_call";
/// Connecting takes a few round trips and some retransmissions of DTLS where datagrams are lost.
const BOUND: Duration = Duration::from_secs(6);
/// Longer than all of it takes.
const LASTS: Duration = Duration::from_secs(600);

struct Started {
    driver: MediaDriver,
    told: UnboundedReceiver<DriverEvent>,
    /// What lets it send.
    _hold: Hold,
}

/// What came of the calls at one address.
type Calls = Vec<(SocketAddr, Result<(), String>)>;

pub(super) async fn examine(config: &Config, neighbour: bool) -> [Finding; 2] {
    let (audio_slots, spread_after, tcp) = (config.audio_slots, config.spread_after, config.media_tcp);
    // Whether a STUN server answers is another check.
    let settings = Settings { audio_slots, spread_after, congestion_control: true, tcp, stun: None };
    let start = |port: u16| {
        let one: MediaPorts = port.to_string().parse().expect("a port is a range of one");
        let (hold, fence) = fence(std::time::Instant::now() + LASTS);
        MediaDriver::start(&one, &config.media_ips, settings.clone(), &fence).map(|(driver, told)| Started { driver, told, _hold: hold })
    };
    let (mut started, mut failed) = (Vec::new(), Vec::new());
    for port in config.media_udp.iter() {
        match start(port) {
            Ok(one) => started.push(one),
            Err(error) => failed.push(error),
        }
    }
    let ports: Vec<String> = config.media_udp.iter().map(|port| port.to_string()).collect();
    let ports = format!("{} {}", if tcp { "UDP and TCP" } else { "UDP" }, ports.join(", "));
    if let Some(error) = failed.first() {
        let taken = |error: &DriverError| match error {
            DriverError::Port { cause, .. } | DriverError::TcpPort { cause, .. } => cause.kind() == io::ErrorKind::AddrInUse,
            DriverError::Thread(_) => false,
        };
        stop(started).await;
        if neighbour && failed.iter().all(taken) {
            let in_use = Finding::ok(PORTS, format!("{ports}: in use by a running switchboard"));
            let cure = "stop the server and look again, or call somebody";
            return [in_use, Finding::warning(CALL, "not tried: the running switchboard has the ports", cure)];
        }
        let cure = "see what is said of the ports";
        return [Finding::error(PORTS, error), Finding::warning(CALL, "not tried without the ports", cure)];
    }
    let calls = join_all(started.iter_mut().map(|one| calls_through(one, &config.media_ips))).await.concat();
    stop(started).await;
    [Finding::ok(PORTS, format!("{ports}: free")), judge(&calls)]
}

/// Ending the threads waits for them, which must not hold up a runtime that they may wait for.
async fn stop(started: Vec<Started>) {
    let ended = tokio::task::spawn_blocking(|| started.into_iter().for_each(|one| one.driver.stop()));
    // A thread that ends by a panic says so itself.
    drop(ended.await);
}

fn judge(calls: &Calls) -> Finding {
    let own = local_ips().unwrap_or_default();
    let failed: Vec<_> = calls.iter().filter_map(|(at, outcome)| Some((at, outcome.as_ref().err()?))).collect();
    let Some((at, cause)) = failed.first() else {
        let addresses: Vec<String> = calls.iter().map(|(at, _)| at.to_string()).collect();
        return Finding::ok(CALL, format!("a voice came through at {}", addresses.join(", ")));
    };
    let said = format!("a call through {at} fails: {cause}; {} of {} failed", failed.len(), calls.len());
    // A router in front of the machine need not send back what comes from behind it.
    if failed.iter().all(|(at, _)| !own.contains(&at.ip())) {
        let cure = "check that the address is forwarded to this machine, and try from outside: many routers send nothing back to where it came from";
        return Finding::warning(CALL, said, cure);
    }
    let cure = format!("let UDP {} through the firewall both ways, or name the addresses that work with --media-ip", at.port());
    Finding::failure(CALL, said, cure)
}

async fn calls_through(one: &mut Started, ips: &[IpAddr]) -> Calls {
    let ports: Vec<u16> = one.driver.addresses().map(|address| address.port()).collect();
    let mut calls = Calls::new();
    for (place, address) in ips.iter().flat_map(|ip| ports.iter().map(|port| SocketAddr::new(*ip, *port))).enumerate() {
        let outcome = match timeout(BOUND, call_through(one, address, place as u64)).await {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(_) => Err("nothing comes back".to_owned()),
        };
        calls.push((address, outcome));
    }
    calls
}

/// A call of two that both reach the server at `address`: done when the one has heard the other.
async fn call_through(one: &mut Started, address: SocketAddr, place: u64) -> Result<(), CallerError> {
    let legs = [LegId(2 * place), LegId(2 * place + 1)];
    let mut callers = [Caller::new(address, Direction::SendOnly).await?, Caller::new(address, Direction::RecvOnly).await?];
    for (leg, caller) in legs.iter().zip(&callers) {
        let offer = Offer { sdp: caller.offer().to_owned(), roles: Vec::new() };
        one.driver.add_leg(*leg, GroupId(place), offer).map_err(|full| CallerError::Other(full.to_string()))?;
    }
    let by_leg: BTreeMap<LegId, usize> = legs.iter().enumerate().map(|(index, leg)| (*leg, index)).collect();
    let (mut speaks, mut hears) = ([0; DATAGRAM], [0; DATAGRAM]);
    while !callers[1].heard {
        let [speaker, hearer] = &mut callers;
        let due = speaker.drain()?.min(hearer.drain()?);
        if hearer.heard {
            break;
        }
        tokio::select! {
            event = one.told.recv() => match event {
                Some(DriverEvent::Answered { leg, answer }) => {
                    let Some(index) = by_leg.get(&leg) else { continue };
                    let answer = answer.map_err(|error| CallerError::Other(error.to_string()))?;
                    callers[*index].take(&answer.sdp)?;
                    one.driver.open_gate(leg);
                }
                Some(DriverEvent::Leg(LegEvent::LegFailed { leg, error })) if by_leg.contains_key(&leg) => {
                    return Err(CallerError::Other(error.to_string()));
                }
                Some(_) => {}
                None => return Err(CallerError::Other("the media thread has ended".to_owned())),
            },
            length = speaker.receive(&mut speaks) => speaker.handle(&speaks[..length])?,
            length = hearer.receive(&mut hears) => hearer.handle(&hears[..length])?,
            () = sleep_until(Instant::from_std(due)) => {
                let now = std::time::Instant::now();
                speaker.handle_timeout(now)?;
                hearer.handle_timeout(now)?;
            }
        }
    }
    for leg in legs {
        one.driver.remove_leg(leg);
        one.driver.leg_gone(leg);
    }
    Ok(())
}
