//! `switchboard calls`: the running calls of a server, asked for at its admin listener.

mod table;

use std::time::Duration;

use crate::clock::now_ms;
use crate::config::CallsArgs;
use crate::switchboard::CallOverview;

/// A server that takes longer to answer is taken for one that does not.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Why the calls cannot be listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    /// Nobody answers there.
    #[error("{url} does not answer ({cause}) — start the server, or name its admin listener with --admin")]
    Silent { url: String, cause: String },
    /// Somebody else answers there.
    #[error("{url} is no admin listener of Switchboard ({cause}) — name it with --admin, as the server prints it at its start")]
    Strange { url: String, cause: String },
}

/// The lines to print.
pub(crate) async fn list(args: &CallsArgs) -> Result<Vec<String>, ListError> {
    let url = format!("{}/v1/admin/calls", args.admin.trim_end_matches('/'));
    let silent = |cause: reqwest::Error| ListError::Silent { url: url.clone(), cause: root_cause(&cause) };
    let strange = |cause: String| ListError::Strange { url: url.clone(), cause };
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWERS_WITHIN).build().map_err(silent)?;
    let answer = client.get(&url).send().await.map_err(silent)?;
    if !answer.status().is_success() {
        return Err(strange(format!("it says {}", answer.status())));
    }
    let text = answer.text().await.map_err(silent)?;
    let Calls { calls } = serde_json::from_str(&text).map_err(|error| strange(error.to_string()))?;
    Ok(if args.json { vec![text] } else { table::lines(&calls, now_ms()) })
}

/// What `GET /v1/admin/calls` tells.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Calls {
    /// The oldest first.
    pub(crate) calls: Vec<CallOverview>,
}

/// The error at the bottom: those above it repeat the URL.
fn root_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}
