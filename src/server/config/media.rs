//! The media ports: one UDP port for each media thread.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// More threads than any machine this runs on has cores; a wider range is a slip of the keyboard.
const MAX_PORTS: usize = 256;

/// A range of UDP ports, or the one port 0: any free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaPorts {
    first: u16,
    last: u16,
}

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
    /// More ports than threads make sense.
    #[error("more than {MAX_PORTS} ports")]
    TooMany,
}

impl MediaPorts {
    /// The ports, in order.
    pub fn iter(self) -> impl Iterator<Item = u16> {
        self.first..=self.last
    }
}

impl FromStr for MediaPorts {
    type Err = PortsError;

    fn from_str(text: &str) -> Result<Self, PortsError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (first.trim().parse()?, last.trim().parse()?);
        match (first, last) {
            (0, 0) => Ok(Self { first, last }),
            (0, _) => Err(PortsError::RangeFromZero),
            _ if first > last => Err(PortsError::Backwards),
            _ if usize::from(last - first) >= MAX_PORTS => Err(PortsError::TooMany),
            _ => Ok(Self { first, last }),
        }
    }
}

impl fmt::Display for MediaPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(f, "{}", self.first) } else { write!(f, "{}-{}", self.first, self.last) }
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
    fn what_is_no_range_is_refused() {
        assert_eq!(ports("7003-7000"), Err(PortsError::Backwards));
        assert_eq!(ports("0-3"), Err(PortsError::RangeFromZero));
        assert_eq!(ports("1-60000"), Err(PortsError::TooMany));
        assert!(matches!(ports("seven"), Err(PortsError::NotANumber(_))));
        assert!(matches!(ports("70000"), Err(PortsError::NotANumber(_))));
    }
}
