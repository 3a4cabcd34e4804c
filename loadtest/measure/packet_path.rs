//! How a Switchboard's media threads went about their work, by its `/metrics`.

use serde::Serialize;

use super::standing::sum;

/// What they did since they were started.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PacketPath {
    forwarded: f64,
    polls: f64,
    batches: f64,
    received: f64,
    runs: f64,
    sent: f64,
}

/// What they did between two moments, on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct PathReport {
    /// Datagrams that one call to the kernel brought, and was given.
    pub(crate) datagrams_per_batch: f64,
    pub(crate) datagrams_per_run: f64,
    /// How often a leg was looked through for each packet it was to send.
    pub(crate) polls_per_packet: f64,
}

impl PacketPath {
    /// As a page of metrics tells it; `None` of one that does not.
    pub(super) fn of(page: &str) -> Option<Self> {
        let of = |name: &str| sum(page, &format!("switchboard_{name}"));
        Some(Self {
            forwarded: of(r#"packets_sent_total{kind="rtp"}"#)?,
            polls: of(r#"media_events_total{kind="leg_polled"}"#)?,
            batches: of("media_received_batch_datagrams_count")?,
            received: of("media_received_batch_datagrams_sum")?,
            runs: of("media_sent_run_datagrams_count")?,
            sent: of("media_sent_run_datagrams_sum")?,
        })
    }

    /// What was done since; `None` when nothing was.
    pub(crate) fn since(self, before: Self) -> Option<PathReport> {
        let (forwarded, batches, runs) = (self.forwarded - before.forwarded, self.batches - before.batches, self.runs - before.runs);
        (forwarded > 0.0 && batches > 0.0 && runs > 0.0).then(|| PathReport {
            datagrams_per_batch: (self.received - before.received) / batches,
            datagrams_per_run: (self.sent - before.sent) / runs,
            polls_per_packet: (self.polls - before.polls) / forwarded,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_between_two_pages_is_told_for_each_call_to_the_kernel_and_each_packet() {
        let page = |times: u32| {
            format!(
                "switchboard_media_events_total{{kind=\"leg_polled\"}} {}\nswitchboard_media_events_total{{kind=\"turn\"}} 7\n\
                 switchboard_packets_sent_total{{kind=\"datagram\"}} 9\nswitchboard_packets_sent_total{{kind=\"rtp\"}} {}\n\
                 switchboard_media_received_batch_datagrams_bucket{{le=\"1\"}} 5\nswitchboard_media_received_batch_datagrams_sum {}\n\
                 switchboard_media_received_batch_datagrams_count {}\nswitchboard_media_sent_run_datagrams_sum {}\n\
                 switchboard_media_sent_run_datagrams_count {}\n",
                150 * times,
                100 * times,
                30 * times,
                20 * times,
                120 * times,
                30 * times
            )
        };
        let path = |times| PacketPath::of(&page(times)).unwrap();
        let expected = PathReport { datagrams_per_batch: 1.5, datagrams_per_run: 4.0, polls_per_packet: 1.5 };
        assert_eq!(path(3).since(path(1)), Some(expected));
        assert_eq!(path(3).since(path(3)), None);
        assert_eq!(PacketPath::of("process_cpu_seconds_total 1\n"), None);
    }
}
