//! Where it is read what a server costs: from its process, or from the page it shows to Prometheus.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use super::process::{ProcessUse, ServerProcess};

/// A page that takes longer has nothing to say about this second.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is read.
#[derive(Debug, Clone)]
pub(crate) enum Meter {
    /// A process on this machine.
    Process(ServerProcess),
    /// `/metrics` of a server elsewhere. It counts CPU time in whole seconds, so that short runs are told coarsely.
    Page { client: Client, url: Url },
}

impl Meter {
    /// Reads the page at `url`.
    ///
    /// # Errors
    /// The HTTP client cannot be set up.
    pub(crate) fn page(url: Url, insecure: bool) -> reqwest::Result<Self> {
        let client =
            Client::builder().danger_accept_invalid_certs(insecure).redirect(Policy::none()).no_proxy().timeout(PATIENCE).build()?;
        Ok(Self::Page { client, url })
    }

    /// What the server has used; `None` when nobody tells. That a server has gone is told by whoever needs it.
    pub(crate) async fn usage(&self) -> Option<ProcessUse> {
        match self {
            Self::Process(process) => process.usage().ok(),
            Self::Page { client, url } => {
                let page = client.get(url.clone()).send().await.and_then(reqwest::Response::error_for_status).ok()?;
                usage_of(&page.text().await.ok()?)
            }
        }
    }
}

/// The two metrics that every client library of Prometheus has under these names.
fn usage_of(page: &str) -> Option<ProcessUse> {
    let value = |name: &str| -> Option<f64> {
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let cpu = Duration::try_from_secs_f64(value("process_cpu_seconds_total")?).ok()?;
    Some(ProcessUse { cpu, rss_bytes: value("process_resident_memory_bytes")? as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_and_memory_are_read_from_a_page_of_metrics() {
        let page = "# HELP process_cpu_seconds_total Total.\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 12.5\n\
                    process_resident_memory_bytes 5.1e+07 1700000000000\n";
        assert_eq!(usage_of(page), Some(ProcessUse { cpu: Duration::from_millis(12_500), rss_bytes: 51_000_000 }));
        for broken in ["", "process_cpu_seconds_total 1\n", "process_cpu_seconds_total NaN\nprocess_resident_memory_bytes 1\n"] {
            assert_eq!(usage_of(broken), None, "{broken}");
        }
    }
}
