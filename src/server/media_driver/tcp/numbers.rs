//! What became of connections.

/// Why a connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Closed {
    /// By the client, or by the network between.
    ByPeer,
    /// What it sent was no leg's.
    Garbage,
    /// It proved in time to be nobody's.
    Unproven,
    /// Nothing whole came for long.
    Silent,
    /// Another from the same place to the same address took its part.
    Replaced,
    /// Refused: its address has as many as it may.
    TooManyOfAddress,
    /// Refused: there are as many as there may be.
    TooMany,
}

impl Closed {
    const ALL: [Self; 7] =
        [Self::ByPeer, Self::Garbage, Self::Unproven, Self::Silent, Self::Replaced, Self::TooManyOfAddress, Self::TooMany];

    /// The reason as a metric label.
    const fn label(self) -> &'static str {
        match self {
            Self::ByPeer => "peer",
            Self::Garbage => "garbage",
            Self::Unproven => "unproven",
            Self::Silent => "silent",
            Self::Replaced => "replaced",
            Self::TooManyOfAddress => "address_limit",
            Self::TooMany => "limit",
        }
    }
}

/// Running totals of the TCP connections of a media thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct TcpNumbers {
    /// Open at the moment.
    pub connections: u64,
    /// Packets not sent because too much waited on their connection.
    pub full: u64,
    /// Packets not sent because their connection was gone.
    pub gone: u64,
    closed: [u64; Closed::ALL.len()],
}

impl TcpNumbers {
    /// How many were closed or refused, by a label for the reason.
    pub fn closed(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Closed::ALL.into_iter().zip(self.closed).map(|(why, count)| (why.label(), count))
    }

    pub(super) fn close(&mut self, why: Closed) {
        self.closed[why as usize] += 1;
    }

    pub(in super::super) fn plus(self, other: Self) -> Self {
        let mut closed = self.closed;
        for (sum, more) in closed.iter_mut().zip(other.closed) {
            *sum += more;
        }
        Self { connections: self.connections + other.connections, full: self.full + other.full, gone: self.gone + other.gone, closed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_counted_at_its_own_place() {
        for why in Closed::ALL {
            let mut numbers = TcpNumbers::default();
            numbers.close(why);
            let counted: Vec<_> = numbers.plus(numbers).closed().filter(|(_, count)| *count > 0).collect();
            assert_eq!(counted, [(why.label(), 2)]);
        }
    }
}
