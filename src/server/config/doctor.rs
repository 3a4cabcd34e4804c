//! The flags of `doctor`: those of `serve`, so that it looks at what `serve` would meet.

use clap::Args;

use super::ServeArgs;

/// The flags of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// What the server would be started with.
    #[command(flatten)]
    pub serve: ServeArgs,
    /// Write a JSON object for each finding, a line each: name, status (ok, warning, failure), said, cure.
    #[arg(long)]
    pub json: bool,
}
