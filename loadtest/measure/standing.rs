//! How a server stands, by its `/metrics`: what it holds, which must not grow with what it has done.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Serialize;
use thiserror::Error;
use tokio::time::{Instant, sleep};

use super::packet_path::PacketPath;

/// Between two looks at a server that comes to rest.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// It is at rest when so many looks in a row see the same: longer than idle connections of the load tester are kept.
const LOOKS_ALIKE: usize = 12;

/// A server that is not at rest by then will not be: seats of lost devices are given up after 20 s.
const REST_LIMIT: Duration = Duration::from_secs(60);

/// An answer that takes longer is none.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Why it is not known how a server stands.
#[derive(Debug, Error)]
pub(crate) enum StandingError {
    #[error("{url} cannot be read")]
    Unreadable { url: Url, source: reqwest::Error },
    #[error("{url} does not tell {name}: it is of no Switchboard, or of one that is too old for this load tester")]
    Missing { url: Url, name: &'static str },
}

/// What a server holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Standing {
    pub(crate) rss_bytes: f64,
    /// Media connections.
    pub(crate) legs: f64,
    /// Calls that have not ended.
    pub(crate) calls: f64,
    pub(crate) tasks: f64,
    /// Open file descriptors.
    pub(crate) fds: f64,
}

impl Standing {
    /// All but memory, which is never quite still.
    fn held(self) -> [f64; 4] {
        [self.legs, self.calls, self.tasks, self.fds]
    }
}

/// The metrics of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    client: Client,
    url: Url,
}

impl Metrics {
    /// Those on the page at this address.
    pub(crate) fn at(url: Url, insecure: bool) -> Result<Self, StandingError> {
        let client = Client::builder().danger_accept_invalid_certs(insecure).redirect(Policy::none()).no_proxy().timeout(ANSWER_LIMIT);
        // A connection that is kept between two looks would be among what the server holds.
        let client = client.pool_max_idle_per_host(0).build();
        Ok(Self { client: client.map_err(|source| StandingError::Unreadable { url: url.clone(), source })?, url })
    }

    /// How the server stands.
    pub(crate) async fn look(&self) -> Result<Standing, StandingError> {
        let text = self.read().await?;
        let of = |name: &'static str| sum(&text, name).ok_or_else(|| StandingError::Missing { url: self.url.clone(), name });
        Ok(Standing {
            rss_bytes: of("process_resident_memory_bytes")?,
            legs: of("switchboard_legs")?,
            calls: of("switchboard_calls")?,
            tasks: of("switchboard_tasks")?,
            fds: of("process_open_fds")?,
        })
    }

    /// How its media threads went about their work; `None` when that is not told.
    pub(crate) async fn packet_path(&self) -> Option<PacketPath> {
        PacketPath::of(&self.read().await.ok()?)
    }

    async fn read(&self) -> Result<String, StandingError> {
        let unreadable = |source: reqwest::Error| StandingError::Unreadable { url: self.url.clone(), source: source.without_url() };
        let response = self.client.get(self.url.clone()).send().await.and_then(reqwest::Response::error_for_status);
        response.map_err(unreadable)?.text().await.map_err(unreadable)
    }

    /// Waits until the server holds no leg and no call, and nothing of what it holds changes any more. One that does not come
    /// to rest is told as it stands at last.
    pub(crate) async fn at_rest(&self) -> Result<Standing, StandingError> {
        let deadline = Instant::now() + REST_LIMIT;
        let (mut before, mut alike) = (self.look().await?, 0);
        loop {
            sleep(LOOK_EVERY).await;
            let now = self.look().await?;
            let still = now.legs == 0.0 && now.calls == 0.0 && now.held() == before.held();
            alike = if still { alike + 1 } else { 0 };
            if alike == LOOKS_ALIKE || Instant::now() >= deadline {
                return Ok(now);
            }
            before = now;
        }
    }
}

/// The metric of this name, summed over its labels unless the name has them, in the text format of Prometheus.
pub(super) fn sum(text: &str, name: &str) -> Option<f64> {
    let values = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let value = match rest.strip_prefix('{') {
            Some(labelled) => labelled.rsplit_once('}')?.1,
            None => rest.strip_prefix(' ')?,
        };
        value.trim().parse::<f64>().ok()
    });
    values.reduce(|sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP switchboard_calls Calls.\n# TYPE switchboard_calls gauge\nswitchboard_calls{state=\"active\"} 2\n\
        switchboard_calls{state=\"ringing\"} 3\nswitchboard_calls_more 9\nprocess_open_fds 17\nprocess_resident_memory_bytes 5.1e7\n";

    #[test]
    fn a_metric_is_read_by_its_whole_name_and_summed_over_its_labels() {
        assert_eq!(sum(TEXT, "switchboard_calls"), Some(5.0));
        assert_eq!(sum(TEXT, "process_open_fds"), Some(17.0));
        assert_eq!(sum(TEXT, "process_resident_memory_bytes"), Some(5.1e7));
        assert_eq!(sum(TEXT, "process_open"), None);
    }
}
