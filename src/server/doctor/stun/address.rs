//! A STUN server: it answers, and what it sees is what clients are told.

use std::net::IpAddr;

use super::message::{Request, attribute, method};
use super::path::{Path, why};
use super::server::{ServerUrl, Transport};
use crate::doctor::Finding;

const NAME: &str = "stun";

/// Asks `server` for the address that this machine is seen at, which should be among `told`.
pub(in crate::doctor) async fn examine(server: &str, told: &[IpAddr]) -> Finding {
    let server = match server.parse::<ServerUrl>() {
        Ok(server) => server,
        Err(wrong) => return Finding::failure(NAME, format!("{server:?} is {wrong}"), "give one such as --stun stun.example.org:3478"),
    };
    if server.transport == Transport::Tls {
        return Finding::warning(NAME, format!("{server} is not tried: this does not speak TLS to it"), "try it with a client");
    }
    let reply = async { Path::to(&server).await?.ask(&Request::new(method::BINDING)).await };
    let cure = "check --stun, and that a firewall lets UDP to it and back";
    match reply.await {
        Err(error) => Finding::failure(NAME, format!("{server} cannot be asked: {}", why(&error)), cure),
        Ok(reply) => match reply.address(attribute::XOR_MAPPED_ADDRESS).map(|address| address.ip().to_canonical()) {
            None => Finding::failure(NAME, format!("{server} tells no address"), "give another with --stun"),
            Some(ip) if told.contains(&ip) => Finding::ok(NAME, format!("{server} sees this machine at {ip}, as clients are told")),
            Some(ip) if told.iter().any(|own| own.is_ipv4() == ip.is_ipv4()) => {
                Finding::ok(NAME, format!("{server} sees this machine at {ip}, which media ports learn, and clients are told of"))
            }
            // A socket of the other family cannot ask.
            Some(ip) => Finding::warning(
                NAME,
                format!("{server} sees this machine at {ip}, of which clients are not told"),
                format!("if people come from the Internet: forward the media ports from there, and give --media-ip {ip}"),
            ),
        },
    }
}
