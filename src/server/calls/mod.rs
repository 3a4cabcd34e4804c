//! `switchboard calls`: the running calls of a server, asked for at its admin listener.

mod table;

use serde::{Deserialize, Serialize};

use crate::clock::now_ms;
use crate::config::ListArgs;
use crate::listing::{self, ListError};
use crate::switchboard::CallOverview;

/// What `GET /v1/admin/calls` tells.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Calls {
    /// The oldest first.
    pub(crate) calls: Vec<CallOverview>,
}

/// The lines to print.
pub(crate) async fn list(args: &ListArgs) -> Result<Vec<String>, ListError> {
    listing::list(args, "/v1/admin/calls", |Calls { calls }| table::lines(&calls, now_ms())).await
}
