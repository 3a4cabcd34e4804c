//! The command line.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use reqwest::Url;

/// Simulates people who call each other, and says what they saw.
#[derive(Debug, Parser)]
#[command(name = "loadtest", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Two peers register, become contacts and call each other; their media must arrive.
    Smoke(SmokeArgs),
    /// The server under test, as a process of its own.
    #[command(hide = true)]
    Serve {
        /// Flags of `switchboard serve`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

/// Which server is tested, and from where.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Server to test, for example `https://calls.example.org` [default: one is started for the test].
    #[arg(long, value_name = "URL", value_parser = base_url)]
    pub(crate) url: Option<Url>,
    /// Take any certificate, for servers with a self-signed one.
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Address media is sent from and received at [default: the one this machine reaches the server by].
    #[arg(long, value_name = "IP")]
    pub(crate) bind: Option<IpAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct SmokeArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How many calls to make, one after another.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) repeat: u32,
    /// How long media runs in each call, in seconds, once both see the other.
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Print a JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the video the callee received in the first call to an IVF file.
    #[arg(long, value_name = "FILE")]
    pub(crate) save_received: Option<PathBuf>,
}

fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("give a URL such as http://127.0.0.1:8080".to_owned());
    }
    Ok(url)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| duration.as_secs() < 86_400).ok_or_else(|| "give a number of seconds, less than a day".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_of_the_server_are_passed_on_untouched() {
        let cli = Cli::try_parse_from(["loadtest", "serve", "--listen", "127.0.0.1:0", "--help"]).unwrap();
        let Command::Serve { args } = cli.command else { panic!("serve was asked for") };
        assert_eq!(args, ["--listen", "127.0.0.1:0", "--help"]);
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for url in ["127.0.0.1:8080", "ws://host", "file:///tmp", "nonsense"] {
            assert!(Cli::try_parse_from(["loadtest", "smoke", "--url", url]).is_err(), "{url}");
        }
        assert!(Cli::try_parse_from(["loadtest", "smoke", "--seconds", "-1"]).is_err());
        assert!(Cli::try_parse_from(["loadtest", "smoke", "--repeat", "0"]).is_err());
    }
}
