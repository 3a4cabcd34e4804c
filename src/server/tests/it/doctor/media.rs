//! Media ports that are taken, and paths that carry nothing.

use std::net::{TcpListener, UdpSocket};

use tempfile::tempdir;

use super::{doctor, doctor_in};
use crate::support::{Database, Process, something};

#[test]
fn a_media_port_that_another_program_has_fails() {
    let folder = tempdir().unwrap();
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let report = doctor(folder.path(), &["--media-udp", &port]);
    report.fails("media_ports", &port);
    report.warns("media_call", "not tried");
}

#[test]
fn a_media_port_that_is_taken_by_tcp_alone_fails_unless_media_comes_by_udp_alone() {
    let folder = tempdir().unwrap();
    // One that is free by UDP: another test may have that port for a moment.
    let (taken, port) = loop {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            break (taken, port.to_string());
        }
    };
    doctor(folder.path(), &["--media-udp", &port]).fails("media_ports", &format!("TCP port {port}"));
    doctor(folder.path(), &["--media-udp", &port, "--media-tcp", "off"]).ticks("media_ports", &format!("UDP {port}: free"));
    drop(taken);
}

#[test]
fn an_address_that_another_program_listens_on_fails() {
    let folder = tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for flag in ["--listen", "--admin-listen"] {
        let report = doctor(folder.path(), &[flag, &address]);
        report.fails("listeners", &address);
        assert!(report.finding("listeners").cure.as_ref().unwrap().contains(flag));
    }
}

#[tokio::test]
async fn a_server_that_runs_on_the_ports_is_recognised() {
    let folder = tempdir().unwrap();
    let database = Database::of(folder.path()).url();
    let server = Process::serve(folder.path(), &["--database-url", &database]);
    let listen = server.said("listening on http://").to_owned();
    let admin = server.said("admin on http://").to_owned();
    let port = something("the port of the media thread", async || {
        let metrics = reqwest::get(format!("http://{admin}/metrics")).await.unwrap().text().await.unwrap();
        let line =
            metrics.lines().find_map(|line| line.split_once("switchboard_media_thread_legs{port=\"").map(|(_, rest)| rest.to_owned()))?;
        Some(line.split_once('"')?.0.to_owned())
    })
    .await;
    let report = doctor(folder.path(), &["--listen", &listen, "--admin-listen", &admin, "--media-udp", &port, "--database-url", &database]);
    report.ticks("listeners", "in use by a running switchboard");
    report.ticks("media_ports", "in use by a running switchboard");
    report.ticks("database", "in use by a running server");
    report.ticks("migrations", "are applied");
    report.warns("media_call", "not tried");
    assert_eq!(report.status, 0);
    // The server is as it was.
    assert_eq!(reqwest::get(format!("http://{admin}/readyz")).await.unwrap().status(), 200);
}

#[test]
fn calls_are_tried_through_every_port_at_every_address_of_both_families() {
    let folder = tempdir().unwrap();
    let report = doctor(folder.path(), &["--media-udp", "0,0", "--media-ip", "127.0.0.1,::1"]);
    report.ticks("media_call", "a voice came through at ");
    let said = &report.finding("media_call").said;
    assert_eq!((said.matches("127.0.0.1:").count(), said.matches("[::1]:").count()), (2, 2), "{said}");
}

#[test]
fn an_address_of_this_machine_that_carries_no_media_fails() {
    let folder = tempdir().unwrap();
    // What goes to an address of one's own goes by loopback, which is down here.
    let world =
        "ip link add v0 type veth peer name v1 && ip addr add 10.9.0.1/24 dev v0 && ip link set v0 up && ip link set v1 up && exec \"$@\"";
    let world = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", world, "sh"];
    let report = doctor_in(&world, folder.path(), &["--media-ip", "10.9.0.1"]);
    report.fails("media_call", "10.9.0.1:");
    report.ticks("media_ports", "free");
}

#[test]
fn a_public_address_that_sends_nothing_back_is_warned_of() {
    let folder = tempdir().unwrap();
    // TEST-NET-1 (RFC 5737), behind an interface that swallows all.
    let world = "ip link set lo up && ip link add v0 type veth peer name v1 && ip addr add 10.9.0.1/24 dev v0 && ip link set v0 up && ip link set v1 up \
                 && ip route add default dev v0 && exec \"$@\"";
    let world = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", world, "sh"];
    let report = doctor_in(&world, folder.path(), &["--media-ip", "192.0.2.1"]);
    report.warns("media_call", "nothing comes back");
    assert!(report.finding("media_call").cure.as_ref().unwrap().contains("from outside"));
}
