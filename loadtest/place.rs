//! Where a process runs: on which cores, and in which network.

use std::ffi::OsString;
use std::os::fd::AsFd;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::cores::Cores;

/// All cores, and the network of whoever starts it, unless told otherwise. The flags are those of hidden subcommands.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Place {
    /// Cores it is kept to.
    #[arg(long = "pin", value_name = "CORES")]
    pub(crate) cores: Option<Cores>,
    /// The file of a network namespace that it is moved into.
    #[arg(long, value_name = "FILE")]
    pub(crate) namespace: Option<PathBuf>,
}

impl Place {
    /// The flags that hand it to another process.
    pub(crate) fn flags(&self) -> Vec<OsString> {
        let cores = self.cores.iter().flat_map(|cores| ["--pin".into(), cores.to_string().into()]);
        let namespace = self.namespace.iter().flat_map(|file| ["--namespace".into(), file.into()]);
        cores.chain(namespace).collect()
    }

    /// Moves this thread there, and every thread and process that it starts from here on.
    pub(crate) fn enter(&self) -> Result<()> {
        if let Some(file) = &self.namespace {
            let trouble = || format!("no network namespace can be entered by {}", file.display());
            let opened = std::fs::File::open(file).with_context(trouble)?;
            move_into_link_name_space(opened.as_fd(), Some(LinkNameSpaceType::Network)).with_context(trouble)?;
        }
        if let Some(cores) = &self.cores {
            cores.pin_this_thread()?;
        }
        Ok(())
    }
}
