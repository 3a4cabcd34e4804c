//! What is wrong with the command line, in one line that names the cause and the cure.

use super::PortsError;

/// Flags that cannot be right. The process exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// What the parser of flags refused, in its words.
    #[error("{0} — see `switchboard serve --help`")]
    Flags(String),
    /// One half of a pair.
    #[error("--tls-cert and --tls-key belong together — give both files, or neither")]
    HalfCertificate,
    /// Two kinds of certificate.
    #[error("--lan, --acme-domain and --tls-cert with --tls-key are three ways to a certificate — choose one of them")]
    TwoCertificates,
    /// Several nodes, each with a database of its own.
    #[error("--redis-url makes this server one of several, which need one database — give --database-url postgres://…, or leave it out")]
    LonelyDatabase,
    /// A secret that can be guessed; it is not repeated.
    #[error("--cluster-secret has fewer than {0} characters — give one such as `openssl rand -hex 24` makes")]
    ShortSecret(usize),
    /// Not an origin.
    #[error("--public-url {0:?} is not a URL people can open — give one such as https://calls.example.org")]
    PublicUrl(String),
    /// Not a set of ports.
    #[error("--media-udp: {0} — give a port such as 7000, or a range such as 7000-7003")]
    Ports(#[from] PortsError),
    /// Not an address to send to.
    #[error("--media-ip {0} cannot be sent to — give an address that clients reach this machine by")]
    MediaIp(std::net::IpAddr),
    /// One half of a pair.
    #[error("--turn-url and --turn-secret belong together — give both, the secret best as SWITCHBOARD_TURN_SECRET, or neither")]
    HalfTurn,
    /// Not a place that traces could go to.
    #[error("--otlp: {0} — give the URL of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318")]
    Otlp(&'static str),
    /// The operating system does not tell the addresses.
    #[error("this machine's addresses cannot be found ({0}) — name them with --media-ip")]
    Interfaces(std::io::Error),
    /// Not a filter.
    #[error("--log {filter:?} is not a filter ({cause}) — give a level such as info, or pairs such as info,switchboard=debug")]
    Log {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        cause: String,
    },
}

/// The several lines of a flag parser's error as one: without its prefix, its usage and its pointer to `--help`.
pub fn one_line(error: &clap::Error) -> ConfigError {
    let text = error.render().to_string();
    let cause = text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    let words: Vec<&str> = cause.flat_map(str::split_whitespace).collect();
    let line = words.join(" ").replace(" tip: ", "; ");
    ConfigError::Flags(line.strip_prefix("error: ").unwrap_or(&line).to_owned())
}
