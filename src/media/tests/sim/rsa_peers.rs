//! Peers that know only RSA (GStreamer's webrtcbin is one). The one here is openssl over loopback, because a real handshake
//! is the point; the router's clock runs ten times as fast as openssl's, so that nobody waits for its patience to end.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use switchboard_media::{Event, LegError, LegId, Output};

use crate::datagrams::{binding_request, with_a_leg};
use crate::world::SERVER;

struct OpenSsl(Child);

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// How the leg of a peer ends that shakes hands by `openssl s_client` with an RSA certificate and these options.
fn end_of_a_leg_with(options: &[&str]) -> LegError {
    let folder = tempfile::tempdir().unwrap();
    let request = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=rsa -days 1";
    let made = openssl(folder.path(), &request.split(' ').collect::<Vec<_>>()).status();
    assert!(made.expect("openssl is installed").success());

    let (mut world, ufrag, password) = with_a_leg();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let connect =
        ["s_client", "-dtls1_2", "-connect", &address, "-cert", "cert.pem", "-key", "key.pem", "-use_srtp", "SRTP_AEAD_AES_128_GCM"];
    let _peer = OpenSsl(openssl(folder.path(), &[&connect, options].concat()).spawn().unwrap());

    let server: SocketAddr = SERVER.parse().unwrap();
    let (mut peer, mut buffer) = (None, [0; 2_000]);
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        let now = world.now + 10 * start.elapsed();
        if let Ok((length, from)) = socket.recv_from(&mut buffer) {
            if peer.replace(from).is_none() {
                let request = binding_request(&format!("{ufrag}:me"), &password);
                world.router.handle_datagram(now, from, server, &request);
                while !matches!(world.router.poll_output(), Output::Timeout(_)) {}
            }
            world.router.handle_datagram(now, from, server, &buffer[..length]);
        }
        world.router.handle_timeout(now);
        loop {
            match world.router.poll_output() {
                Output::Timeout(_) | Output::Relay { .. } => break,
                Output::Event(Event::LegFailed { leg: LegId(1), error }) => {
                    assert_eq!(world.router.legs(), 0);
                    return error;
                }
                Output::Event(Event::LegConnected { .. }) => panic!("an RSA peer was let in"),
                Output::Event(_) => {}
                Output::Transmit(transmit) => {
                    let _ = socket.send_to(&transmit.contents, transmit.destination);
                }
            }
        }
    }
    panic!("the leg of an RSA peer did not end within 10 s");
}

#[test]
fn a_peer_with_an_rsa_certificate_is_refused_with_the_reason() {
    let error = end_of_a_leg_with(&[]);
    assert_eq!(error, LegError::NoHandshake(10));
}

#[test]
fn a_peer_that_can_verify_only_rsa_is_refused_with_the_reason() {
    let error = end_of_a_leg_with(&["-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-sigalgs", "RSA+SHA256"]);
    assert_eq!(error, LegError::NoHandshake(10));
}
