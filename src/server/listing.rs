//! What commands ask of a server that runs: its admin listener answers.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::config::ListArgs;

/// A server that takes longer to answer is taken for one that does not.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Why something cannot be listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    /// Nobody answers there.
    #[error("{url} does not answer ({cause}) — start the server, or name its admin listener with --admin")]
    Silent { url: String, cause: String },
    /// The server does not know it at the moment.
    #[error("{url} cannot tell ({cause}) — see what it says at /readyz")]
    Unable { url: String, cause: String },
    /// Somebody else answers there.
    #[error("{url} is no admin listener of Switchboard ({cause}) — name it with --admin, as the server prints it at its start")]
    Strange { url: String, cause: String },
}

/// The lines to print of what is told at `path`: as it is told, or as a table of it.
pub(crate) async fn list<T: DeserializeOwned>(
    args: &ListArgs,
    path: &str,
    table: impl FnOnce(T) -> Vec<String>,
) -> Result<Vec<String>, ListError> {
    let url = format!("{}{path}", args.admin.trim_end_matches('/'));
    let silent = |cause: reqwest::Error| ListError::Silent { url: url.clone(), cause: root_cause(&cause) };
    let strange = |cause: String| ListError::Strange { url: url.clone(), cause };
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWERS_WITHIN).build().map_err(silent)?;
    let answer = client.get(&url).send().await.map_err(silent)?;
    let status = answer.status();
    let text = answer.text().await.map_err(silent)?;
    if status == reqwest::StatusCode::SERVICE_UNAVAILABLE {
        return Err(ListError::Unable { url, cause: text.trim().to_owned() });
    }
    if !status.is_success() {
        return Err(strange(format!("it says {status}")));
    }
    let told = serde_json::from_str(&text).map_err(|error| strange(error.to_string()))?;
    Ok(if args.json { vec![text] } else { table(told) })
}

/// The head and the rows of a table, a line each, the columns under each other.
pub(crate) fn aligned<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Vec<String> {
    let rows: Vec<[String; N]> = [head.map(str::to_owned)].into_iter().chain(rows).collect();
    let widths: [usize; N] = std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or_default());
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// The error at the bottom: those above it repeat the URL.
fn root_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}
