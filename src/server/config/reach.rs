//! The servers that help clients to reach this one: STUN tells addresses, TURN relays.

use clap::Args;

/// Servers that help clients to reach this one.
#[derive(Debug, Clone, Args)]
pub struct ReachArgs {
    /// STUN server that tells this machine's public address.
    #[arg(long, env = "SWITCHBOARD_STUN", value_name = "HOST:PORT")]
    pub stun: Option<String>,
    /// URL of a TURN server, such as turn:turn.example.org:3478 or turn:turn.example.org?transport=tcp; may be repeated.
    #[arg(long, env = "SWITCHBOARD_TURN_URL", value_delimiter = ',', value_name = "URL", requires = "turn_secret")]
    pub turn_url: Vec<String>,
    /// The secret shared with the TURN server (coturn: use-auth-secret, static-auth-secret).
    #[arg(long, env = "SWITCHBOARD_TURN_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub turn_secret: Option<String>,
}
