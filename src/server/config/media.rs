//! How media is carried: the ports, one UDP port for each media thread, and whether TCP is taken there too, and whether
//! what a path carries is kept to.

use std::num::ParseIntError;
use std::str::FromStr;

use clap::ValueEnum;

/// More threads than any machine this runs on has cores; a wider range is a slip of the keyboard.
const MAX_PORTS: usize = 256;
/// The first of the usual ports.
const FIRST_PORT: u16 = 7_000;

/// Whether receivers are sent what their paths carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CongestionControl {
    /// As it has to be.
    On,
    /// Everyone is sent every picture in full: no estimate, no probes.
    Off,
}

/// Whether media may come by TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MediaTcp {
    /// To the same ports as by UDP.
    On,
    /// By UDP alone.
    Off,
}

/// UDP ports, each other than the others but for 0, which is any free one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaPorts(Vec<u16>);

/// Text that names no ports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortsError {
    /// Not numbers.
    #[error("not a port number ({0})")]
    NotANumber(#[from] ParseIntError),
    /// The first is above the last.
    #[error("the range runs backwards")]
    Backwards,
    /// A range that begins at 0.
    #[error("port 0 means any free port and cannot begin a range")]
    RangeFromZero,
    /// The same port for two threads.
    #[error("port {0} is named twice")]
    Twice(u16),
    /// More ports than threads make sense.
    #[error("more than {MAX_PORTS} ports")]
    TooMany,
}

impl MediaPorts {
    /// The usual ports, one for each core that this process may use.
    pub fn one_for_each_core() -> Self {
        Self::for_threads(std::thread::available_parallelism().map_or(1, usize::from))
    }

    fn for_threads(threads: usize) -> Self {
        Self((FIRST_PORT..).take(threads.clamp(1, MAX_PORTS)).collect())
    }

    /// The ports, in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        self.0.iter().copied()
    }
}

impl FromStr for MediaPorts {
    type Err = PortsError;

    fn from_str(text: &str) -> Result<Self, PortsError> {
        let mut ports = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (u16, u16) = (first.trim().parse()?, last.trim().parse()?);
            match (first, last) {
                (0, 1..) => return Err(PortsError::RangeFromZero),
                _ if first > last => return Err(PortsError::Backwards),
                _ if usize::from(last - first) + ports.len() >= MAX_PORTS => return Err(PortsError::TooMany),
                _ => {}
            }
            if let Some(twice) = (first..=last).find(|port| *port != 0 && ports.contains(port)) {
                return Err(PortsError::Twice(twice));
            }
            ports.extend(first..=last);
        }
        Ok(Self(ports))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn ports(text: &str) -> Result<Vec<u16>, PortsError> {
        Ok(text.parse::<MediaPorts>()?.iter().collect())
    }

    #[test]
    fn a_port_is_a_range_of_one() {
        assert_eq!(ports("7000").unwrap(), [7000]);
        assert_eq!(ports("0").unwrap(), [0]);
    }

    #[test]
    fn a_range_names_both_ends() {
        assert_eq!(ports("7000-7003").unwrap(), [7000, 7001, 7002, 7003]);
    }

    #[test]
    fn ports_are_listed_and_any_free_one_as_often_as_one_likes() {
        assert_eq!(ports("7000,7010-7012").unwrap(), [7000, 7010, 7011, 7012]);
        assert_eq!(ports("0, 0,0").unwrap(), [0, 0, 0]);
        assert_eq!(ports("7000,6999-7001"), Err(PortsError::Twice(7000)));
    }

    #[test]
    fn each_thread_has_a_port_by_default() {
        assert_eq!(MediaPorts::for_threads(3).iter().collect::<Vec<_>>(), [7000, 7001, 7002]);
        assert_eq!(MediaPorts::for_threads(0).iter().count(), 1);
        assert_eq!(MediaPorts::for_threads(10_000).iter().count(), MAX_PORTS);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        assert_eq!(ports("7003-7000"), Err(PortsError::Backwards));
        assert_eq!(ports("0-3"), Err(PortsError::RangeFromZero));
        assert_eq!(ports("1-60000"), Err(PortsError::TooMany));
        assert_eq!(ports("1-200,300-400"), Err(PortsError::TooMany));
        assert!(matches!(ports("seven"), Err(PortsError::NotANumber(_))));
        assert!(matches!(ports("70000"), Err(PortsError::NotANumber(_))));
    }
}
