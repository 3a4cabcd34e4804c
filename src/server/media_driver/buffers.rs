//! How much the kernel holds for a media socket: what was not read yet, and what was not sent yet. What it has no room for is lost.

use std::fmt;
use std::io;

use socket2::{Domain, Socket, Type};

/// What is asked for, each way, in bytes. A frame of one sender to 200 receivers is 9 packets of 1.1 kB to each, 2 MB at once: two of
/// these, for the next comes before a slow card is through with the first. More would only be sent too late: 4 MiB are 34 ms at 1 Gbit/s.
const WANTED: usize = 4 * 1024 * 1024;

/// Linux sets aside twice what is asked for, for its own bookkeeping, and reports that (socket(7)).
const REPORTED_FOR_EACH: usize = if cfg!(target_os = "linux") { 2 } else { 1 };

/// Buffers that are smaller than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    wanted: usize,
    receive: usize,
    send: usize,
}

/// What a media socket would lack.
pub(super) fn shortage() -> io::Result<Option<Shortage>> {
    grow(&Socket::new(Domain::IPV4, Type::DGRAM, None)?)
}

/// Asks for the buffers a media socket needs; tells what it did not get.
pub(super) fn grow(socket: &Socket) -> io::Result<Option<Shortage>> {
    grow_to(socket, WANTED)
}

fn grow_to(socket: &Socket, wanted: usize) -> io::Result<Option<Shortage>> {
    // Some systems refuse what is too much instead of giving what they can.
    let _ = socket.set_recv_buffer_size(wanted);
    let _ = socket.set_send_buffer_size(wanted);
    let receive = socket.recv_buffer_size()? / REPORTED_FOR_EACH;
    let send = socket.send_buffer_size()? / REPORTED_FOR_EACH;
    Ok((receive < wanted || send < wanted).then_some(Shortage { wanted, receive, send }))
}

impl Shortage {
    /// What is short, and what that costs.
    pub fn said(&self) -> String {
        let got: Vec<String> = self.short().map(|(way, _, got)| format!("to {way} it has {got}")).collect();
        let wanted = self.wanted;
        format!("a media socket's buffers are smaller than {wanted} bytes, and bursts that do not fit are lost: {}", got.join("; "))
    }

    /// What an administrator does about it.
    pub fn cure(&self) -> String {
        if !cfg!(target_os = "linux") {
            return "raise what the system allows a socket".to_owned();
        }
        let settings: Vec<String> = self.short().map(|(_, limit, _)| format!("{limit}={}", self.wanted)).collect();
        format!("sysctl -w {}", settings.join(" "))
    }

    fn short(&self) -> impl Iterator<Item = (&'static str, &'static str, usize)> {
        let wanted = self.wanted;
        let limits = [("receive", "net.core.rmem_max", self.receive), ("send", "net.core.wmem_max", self.send)];
        limits.into_iter().filter(move |(_, _, got)| *got < wanted)
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} — {}", self.said(), self.cure())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket() -> Socket {
        Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap()
    }

    #[test]
    fn buffers_that_the_system_grants_are_no_shortage() {
        // Less than what a socket has to begin with.
        let small = 64 * 1024;
        let socket = socket();
        assert_eq!(grow_to(&socket, small).unwrap(), None);
        assert!(socket.send_buffer_size().unwrap() >= small && socket.recv_buffer_size().unwrap() >= small);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn buffers_that_it_does_not_grant_are_told_with_their_limits_and_what_to_set() {
        let sysctl = |name: &str| std::fs::read_to_string(format!("/proc/sys/net/core/{name}")).unwrap().trim().parse::<usize>().unwrap();
        let (receive, send) = (sysctl("rmem_max"), sysctl("wmem_max"));
        let wanted = receive.max(send) + 1;
        let shortage = grow_to(&socket(), wanted).unwrap();
        // What the kernel doubles must not pass for what was asked for.
        assert_eq!(shortage, Some(Shortage { wanted, receive, send }));
        assert_eq!(
            shortage.unwrap().to_string(),
            format!(
                "a media socket's buffers are smaller than {wanted} bytes, and bursts that do not fit are lost: to receive it has \
                 {receive}; to send it has {send} — sysctl -w net.core.rmem_max={wanted} net.core.wmem_max={wanted}"
            )
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_limit_that_is_high_enough_is_not_named() {
        let shortage = Shortage { wanted: 4_194_304, receive: 4_194_304, send: 212_992 };
        assert!(!shortage.to_string().contains("rmem") && shortage.to_string().ends_with("— sysctl -w net.core.wmem_max=4194304"));
    }
}
