//! Bad networks: the flags, and whose network is bad.

use std::time::Duration;

use clap::Args;
use str0m_netem::{Bitrate, DataSize, NetemConfig, Probability, RandomLoss};

use crate::peer::Plan;

/// A router that queues for longer than this drops: what it holds is what it can send in this time.
const QUEUE: Duration = Duration::from_millis(200);

/// The least a queue holds: a burst of a few datagrams.
const LEAST_QUEUE_BYTES: u64 = 8 * 1_500;

/// The flags.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Bad networks: between a peer and the server, each way, inside the load tester")]
pub(crate) struct Network {
    /// Datagrams that are lost, as a share from 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = crate::cli::share)]
    pub(crate) loss: Option<f64>,
    /// How long each datagram is under way, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = milliseconds)]
    pub(crate) delay_ms: Option<Duration>,
    /// By how much that varies, in milliseconds, up and down.
    #[arg(long, value_name = "MS", value_parser = milliseconds)]
    pub(crate) jitter_ms: Option<Duration>,
    /// What the path carries, in kbit/s; it queues 200 ms of that and drops the rest.
    #[arg(long, value_name = "KBIT", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) rate_kbit: Option<u64>,
    /// Share of the peers whose network is bad, spread evenly; whoever is first in a call, and sends in a livestream, comes last.
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, value_parser = crate::cli::share)]
    pub(crate) bad_share: f64,
}

impl Network {
    /// Gives those plans that come to it a bad network; `first` is the number of the first among all peers of the run.
    pub(crate) fn spoil<'a>(&self, first: usize, plans: impl IntoIterator<Item = &'a mut Plan>) {
        let Some(config) = self.config() else { return };
        let before = |number: usize| (number as f64 * self.bad_share) as u64;
        for (number, plan) in (first..).zip(plans) {
            if before(number + 1) > before(number) {
                plan.path = Some(config);
            }
        }
    }

    fn config(&self) -> Option<NetemConfig> {
        let Self { loss, delay_ms, jitter_ms, rate_kbit, .. } = *self;
        if loss.is_none() && delay_ms.is_none() && jitter_ms.is_none() && rate_kbit.is_none() {
            return None;
        }
        let mut config = NetemConfig::new().latency(delay_ms.unwrap_or_default()).jitter(jitter_ms.unwrap_or_default());
        if let Some(loss) = loss {
            config = config.loss(RandomLoss::new(Probability::new(loss as f32)));
        }
        if let Some(kbit) = rate_kbit {
            let queued = kbit * 1_000 / 8 * QUEUE.as_millis() as u64 / 1_000;
            config = config.link(Bitrate::kbps(kbit), DataSize::bytes(queued.max(LEAST_QUEUE_BYTES) as i64));
        }
        Some(config)
    }

    /// It in words, for a scenario's definition; empty when there is nothing bad.
    pub(crate) fn definition(&self) -> String {
        let parts = [
            self.loss.map(|loss| format!("{} % loss", loss * 100.0)),
            self.delay_ms.map(|delay| format!("{} ms delay", delay.as_secs_f64() * 1e3)),
            self.jitter_ms.map(|jitter| format!("{} ms jitter", jitter.as_secs_f64() * 1e3)),
            self.rate_kbit.map(|rate| format!("{rate} kbit/s")),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            return String::new();
        }
        format!("; the network of {:.0} % of the peers has {} each way", self.bad_share * 100.0, parts.join(", "))
    }
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok());
    seconds.filter(|duration| duration.as_secs() < 60).ok_or_else(|| "give a number of milliseconds, less than a minute".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoilt(network: &Network, people: usize) -> Vec<usize> {
        let mut plans = vec![Plan::default(); people];
        network.spoil(0, &mut plans);
        (0..people).filter(|number| plans[*number].path.is_some()).collect()
    }

    #[test]
    fn without_a_flag_every_network_is_as_it_is() {
        let network = Network { bad_share: 1.0, ..Network::default() };
        assert!(spoilt(&network, 4).is_empty());
        assert_eq!(network.definition(), "");
    }

    #[test]
    fn a_share_is_spread_evenly_and_spares_the_first() {
        let network = Network { loss: Some(0.05), bad_share: 0.25, ..Network::default() };
        assert_eq!(spoilt(&network, 12), [3, 7, 11]);
        assert_eq!(spoilt(&Network { bad_share: 1.0, ..network.clone() }, 3), [0, 1, 2]);
        assert_eq!(network.definition(), "; the network of 25 % of the peers has 5 % loss each way");
    }

    #[test]
    fn peers_that_come_later_go_on_where_the_first_ended() {
        let network = Network { delay_ms: Some(Duration::from_millis(30)), bad_share: 0.5, ..Network::default() };
        let mut later = vec![Plan::default(); 3];
        network.spoil(5, &mut later);
        let bad: Vec<_> = later.iter().map(|plan| plan.path.is_some()).collect();
        assert_eq!(bad, [true, false, true]);
    }
}
