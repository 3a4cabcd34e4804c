//! The TCP ports of the web client, the API and the metrics.

use std::io;

use super::Finding;
use crate::config::Config;
use crate::run::{Listeners, RunError};

pub(super) fn examine(config: &Config, neighbour: bool) -> Finding {
    const NAME: &str = "listeners";
    match Listeners::bind(config) {
        Ok(_) => Finding::ok(NAME, format!("{} and {} are free", config.listen, config.admin_listen)),
        Err(RunError::Listen { cause, .. }) if neighbour && cause.kind() == io::ErrorKind::AddrInUse => {
            Finding::ok(NAME, format!("{} and {} are in use by a running switchboard", config.listen, config.admin_listen))
        }
        Err(error) => Finding::error(NAME, &error),
    }
}
