//! The configuration: every flag, its environment variable and its default. `switchboard serve --help` is the reference.
//!
//! [`Cli`] is what was typed; [`Config`] is what it means. Past [`ServeArgs::resolve`] there are only valid values.

mod acme;
mod cluster;
mod doctor;
mod error;
mod media;
mod otlp;
mod resolve;
mod turn;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use acme::{Acme, AcmeArgs};
use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};
pub use cluster::ClusterArgs;
pub use doctor::DoctorArgs;
pub use error::{ConfigError, one_line};
pub use media::{CongestionControl, MediaPorts, MediaTcp, PortsError};
pub use otlp::OtlpArgs;
pub(crate) use resolve::local_ips;
use resolve::option;
pub use turn::{Turn, TurnArgs, TurnSecret};
use url::Url;

use crate::clips::Location;

/// Call people, not rooms: a media router with calling built in.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server.
    Serve(Box<ServeArgs>),
    /// Bring the database up to date and exit; `serve` does the same at start.
    Migrate(MigrateArgs),
    /// List the calls that run on a server.
    Calls(CallsArgs),
    /// List the nodes that serve together, as a server knows them.
    Nodes(NodesArgs),
    /// Look whether the server would run well here, and say what to do where it would not; changes nothing.
    Doctor(Box<DoctorArgs>),
}

/// Where the database is.
#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// Folder of the database and of what the server generates; made on first start.
    #[arg(long, env = "SWITCHBOARD_DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: PathBuf,
    /// Database URL (postgres://user:password@host/name of Postgres 14 or newer, or sqlite:FILE) [default: switchboard.db in the data folder].
    #[arg(long, env = "SWITCHBOARD_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Connections to the database at most [default: 10 to Postgres; with SQLite 4 that read, beside the one that writes].
    #[arg(long, env = "SWITCHBOARD_DATABASE_CONNECTIONS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_connections: Option<u32>,
}

/// What is logged, and how. Logs go to standard error.
#[derive(Debug, Clone, Args)]
pub struct LogArgs {
    /// Which logs to write: a level, or a filter such as `info,switchboard=debug`.
    #[arg(long, env = "SWITCHBOARD_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
    /// Write logs as JSON, a line each.
    #[arg(long, env = "SWITCHBOARD_LOG_JSON", value_parser = BoolishValueParser::new())]
    pub log_json: bool,
}

/// The flags of `migrate`.
#[derive(Debug, Clone, Args)]
pub struct MigrateArgs {
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Logs.
    #[command(flatten)]
    pub log: LogArgs,
}

/// The flags of `calls`.
#[derive(Debug, Clone, Args)]
pub struct CallsArgs {
    /// Which server, and how to say it.
    #[command(flatten)]
    pub list: ListArgs,
}

/// The flags of `nodes`.
#[derive(Debug, Clone, Args)]
pub struct NodesArgs {
    /// Which server, and how to say it.
    #[command(flatten)]
    pub list: ListArgs,
}

/// What is listed of a server that runs.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// The server's admin listener.
    #[arg(long, env = "SWITCHBOARD_ADMIN", default_value = "http://127.0.0.1:9090", value_name = "URL")]
    pub admin: String,
    /// Print JSON, as the server tells it.
    #[arg(long)]
    pub json: bool,
}

/// The flags of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Address of the public listener: web client, API, signalling [default: 127.0.0.1:8080, with --lan
    /// 0.0.0.0:8443, with --acme-domain 0.0.0.0:443].
    #[arg(long, env = "SWITCHBOARD_LISTEN", value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Address of the admin listener: /metrics, /healthz, /readyz, the running calls, and draining.
    #[arg(long, env = "SWITCHBOARD_ADMIN_LISTEN", default_value = "127.0.0.1:9090", value_name = "ADDR:PORT")]
    pub admin_listen: SocketAddr,
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Where the node is among others.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Where voice clips are kept: file:///folder, or s3://bucket/folder with the usual AWS_ variables [default: clips in the data folder].
    #[arg(long, env = "SWITCHBOARD_CLIPS_URL", value_name = "URL", hide_env_values = true)]
    pub clips_url: Option<String>,
    /// Option of the clips' URL, such as aws_region=eu-north-1; may be repeated, and goes before the variable of that name.
    #[arg(long, env = "SWITCHBOARD_CLIPS_OPTION", value_delimiter = ',', value_name = "NAME=VALUE", hide_env_values = true, value_parser = option)]
    pub clips_option: Vec<(String, String)>,
    /// UDP ports for media, one media thread for each: a port, a range (7000-7003), or a list of them. 0 takes any free port [default:
    /// from 7000 on, one for each core].
    #[arg(long, env = "SWITCHBOARD_MEDIA_UDP", value_name = "PORT[-PORT][,…]")]
    pub media_udp: Option<MediaPorts>,
    /// Whether media may come by TCP, too, to ports of the same numbers: for people behind networks that block UDP.
    #[arg(long, env = "SWITCHBOARD_MEDIA_TCP", value_enum, default_value_t = MediaTcp::On, value_name = "on|off", hide_possible_values = true)]
    pub media_tcp: MediaTcp,
    /// How many people of one call are on one media thread before other threads take some: each of them costs a copy of what is sent.
    #[arg(long, env = "SWITCHBOARD_SPREAD_AFTER", default_value_t = 50, value_name = "PEOPLE", value_parser = clap::value_parser!(u16).range(1..))]
    pub spread_after: u16,
    /// Whether receivers are sent what their paths carry. Off is for measuring what that costs: every picture goes in full to everyone, with
    /// no estimate and no probes, and floods whoever has less room than that.
    #[arg(long, env = "SWITCHBOARD_CONGESTION_CONTROL", value_enum, default_value_t = CongestionControl::On, value_name = "on|off", hide_possible_values = true)]
    pub congestion_control: CongestionControl,
    /// Address that clients are told to send media to; may be repeated [default: all of this machine, loopback included].
    #[arg(long, visible_alias = "public-ip", env = "SWITCHBOARD_MEDIA_IP", value_delimiter = ',', value_name = "IP")]
    pub media_ip: Vec<IpAddr>,
    /// STUN server that tells each media port its public address, which clients are told of, too: for a server behind a router that forwards
    /// its media ports. Asked again from time to time, for such addresses change.
    #[arg(long, env = "SWITCHBOARD_STUN", value_name = "HOST:PORT", value_parser = resolve::host_and_port)]
    pub stun: Option<String>,
    /// A TURN server for those who reach this one by no other way.
    #[command(flatten)]
    pub turn: TurnArgs,
    /// How many voices a person in a group call hears at once: the loudest; no more than their client has room for.
    #[arg(long, env = "SWITCHBOARD_AUDIO_SLOTS", default_value_t = 5, value_name = "VOICES", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub audio_slots: u8,
    /// How many people a call may have. Everyone is told of everyone, so what joining costs grows with the square.
    #[arg(long, env = "SWITCHBOARD_MAX_SEATS", default_value_t = 200, value_name = "PEOPLE", value_parser = clap::value_parser!(u16).range(2..=4096))]
    pub max_seats: u16,
    /// Serve the local network by HTTPS with a self-signed certificate; browsers allow cameras on HTTPS alone.
    #[arg(long, env = "SWITCHBOARD_LAN", value_parser = BoolishValueParser::new())]
    pub lan: bool,
    /// Certificate chain for HTTPS, PEM.
    #[arg(long, env = "SWITCHBOARD_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate, PEM.
    #[arg(long, env = "SWITCHBOARD_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// A certificate that an authority gives by itself.
    #[command(flatten)]
    pub acme: AcmeArgs,
    /// URL people open, when it is not the address listened on; other origins may then not use the API from a browser.
    #[arg(long, env = "SWITCHBOARD_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Address of a reverse proxy whose X-Forwarded-For header is believed; may be repeated.
    #[arg(long, env = "SWITCHBOARD_TRUSTED_PROXY", value_delimiter = ',', value_name = "IP")]
    pub trusted_proxy: Vec<IpAddr>,
    /// Seconds a call rings.
    #[arg(long, env = "SWITCHBOARD_RING_FOR", default_value_t = 45, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub ring_for: u64,
    /// Seconds a seat in a call is kept for a device that lost its connection.
    #[arg(long, env = "SWITCHBOARD_GRACE", default_value_t = 20, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub grace: u64,
    /// Seconds that running calls are given to end when the server is told to stop, during which it takes no new ones; those that are
    /// left then are taken up by the next start. Telling it twice ends the wait.
    #[arg(long, env = "SWITCHBOARD_DRAIN_TIMEOUT", default_value_t = 0, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub drain_timeout: u64,
    /// Days after which a login that was not used ends.
    #[arg(long, env = "SWITCHBOARD_SESSION_DAYS", default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub session_days: u32,
    /// Make three demo accounts that are contacts of each other, and print how to log in.
    #[arg(long, env = "SWITCHBOARD_DEMO", value_parser = BoolishValueParser::new())]
    pub demo: bool,
    /// How often what may be done.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Traces.
    #[command(flatten)]
    pub otlp: OtlpArgs,
    /// Logs.
    #[command(flatten)]
    pub log: LogArgs,
}

/// How often what may be done. An address may do four times as much as an account, since people share addresses.
#[derive(Debug, Clone, Copy, Args)]
pub struct LimitArgs {
    /// Registrations from one address in an hour; 0 for any number.
    #[arg(long, env = "SWITCHBOARD_LIMIT_REGISTRATIONS", default_value_t = 60, value_name = "PER_HOUR")]
    pub limit_registrations: u32,
    /// Attempts to log in to one account in a minute; 0 for any number.
    #[arg(long, env = "SWITCHBOARD_LIMIT_LOGINS", default_value_t = 10, value_name = "PER_MINUTE")]
    pub limit_logins: u32,
    /// Searches by one account in a minute; 0 for any number.
    #[arg(long, env = "SWITCHBOARD_LIMIT_SEARCHES", default_value_t = 30, value_name = "PER_MINUTE")]
    pub limit_searches: u32,
    /// Invitations by one account in an hour; 0 for any number.
    #[arg(long, env = "SWITCHBOARD_LIMIT_INVITATIONS", default_value_t = 60, value_name = "PER_HOUR")]
    pub limit_invitations: u32,
    /// Text messages by one account in a minute; 0 for any number.
    #[arg(long, env = "SWITCHBOARD_LIMIT_MESSAGES", default_value_t = 120, value_name = "PER_MINUTE")]
    pub limit_messages: u32,
    /// Voice clips by one account in an hour, of 5 MB at most; 0 for any number.
    #[arg(long, env = "SWITCHBOARD_LIMIT_CLIPS", default_value_t = 120, value_name = "PER_HOUR")]
    pub limit_clips: u32,
    /// Credentials for TURN asked for by one account in a minute; 0 for any number.
    #[arg(long, env = "SWITCHBOARD_LIMIT_TURN", default_value_t = 30, value_name = "PER_MINUTE")]
    pub limit_turn: u32,
    /// Switch all of these limits off: for load tests.
    #[arg(long, env = "SWITCHBOARD_NO_LIMITS", value_parser = BoolishValueParser::new())]
    pub no_limits: bool,
}

/// A valid configuration of `serve`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address of the public listener.
    pub listen: SocketAddr,
    /// Address of the admin listener.
    pub admin_listen: SocketAddr,
    /// Folder of what the server keeps.
    pub data_dir: PathBuf,
    /// URL of the database.
    pub database_url: String,
    /// Connections to the database at most, where the default is not meant.
    pub database_connections: Option<u32>,
    /// URL of what several nodes share, if there are several.
    pub redis_url: Option<String>,
    /// The name of this node.
    pub node_id: String,
    /// Where the other nodes reach this one, if there are others.
    pub cluster_listen: Option<SocketAddr>,
    /// The address they are told, where it is not that one.
    pub cluster_address: Option<String>,
    /// The secret they know each other by, where they do not agree upon one.
    pub cluster_secret: Option<String>,
    /// Where voice clips are kept.
    pub clips: Location,
    /// Media ports, one thread each.
    pub media_udp: MediaPorts,
    /// Whether media may come to them by TCP, too.
    pub media_tcp: bool,
    /// How many legs of a call are on one media thread before others take some.
    pub spread_after: usize,
    /// Whether receivers are sent what their paths carry, or everything.
    pub congestion_control: bool,
    /// Addresses put into answers; never empty.
    pub media_ips: Vec<IpAddr>,
    /// The STUN server that is asked for public addresses, if one is.
    pub stun: Option<String>,
    /// The TURN server, if there is one.
    pub turn: Option<Turn>,
    /// How many voices one hears at once.
    pub audio_slots: usize,
    /// How many people a call may have.
    pub max_seats: usize,
    /// How much work a password is.
    pub passwords: PasswordCost,
    /// How the public listener is secured.
    pub tls: Tls,
    /// The one origin browsers may come from; any that names this host when absent.
    pub public_origin: Option<String>,
    /// Reverse proxies that are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long a call rings.
    pub ring_for: Duration,
    /// How long a seat is kept for a device that lost its connection.
    pub grace: Duration,
    /// How long running calls are given to end when the server is told to stop.
    pub drain_timeout: Duration,
    /// How long a login lives unused.
    pub session_lifetime: Duration,
    /// Whether to make the demo accounts.
    pub demo: bool,
    /// Limits.
    pub limits: LimitArgs,
    /// Where the traces of calls are posted to, if anywhere.
    pub otlp: Option<Url>,
}

/// How much work the hash of a password is. No flag sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordCost {
    /// As it has to be.
    Full,
    /// Next to none, for [`crate::main_for_load_tests`].
    Cheap,
}

/// How the public listener is secured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP.
    Off,
    /// A self-signed certificate, kept in the data folder.
    SelfSigned,
    /// A certificate that an authority gives, kept in the data folder.
    Acme(Acme),
    /// Certificate and key from files.
    Files {
        /// The chain, PEM.
        cert: PathBuf,
        /// The key, PEM.
        key: PathBuf,
    },
}
