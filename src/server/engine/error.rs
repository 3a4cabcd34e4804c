//! What can go wrong with the engine. What it says is without passwords.

/// The engine cannot be used. Each line names the cause and the cure.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// The URL cannot be read.
    #[error("the Redis URL cannot be read ({0}) — give --redis-url redis://:password@host:6379, rediss:// for TLS, or leave it out")]
    BadUrl(String),
    /// Nothing answers, or what answers is no Redis.
    #[error("Redis at {place} cannot be reached ({cause}) — start it, or correct --redis-url")]
    Unreachable {
        /// Its host and port, or its socket.
        place: String,
        /// What was tried and how it failed.
        cause: String,
    },
    /// A Redis that is too old.
    #[error("Redis at {place} is version {found}, and {oldest} or newer is needed — upgrade it, or give another --redis-url")]
    Old {
        /// Its host and port, or its socket.
        place: String,
        /// Its version.
        found: String,
        /// The oldest that is taken.
        oldest: &'static str,
    },
    /// The password is missing or wrong, or the user may not do what is needed.
    #[error("Redis at {place} refuses the login ({cause}) — put user and password into the URL, redis://user:password@host")]
    Login {
        /// Its host and port, or its socket.
        place: String,
        /// What the server says.
        cause: String,
    },
    /// It answers, and not as a Redis does that may be used for this: a replica, one without memory.
    #[error("Redis at {place} cannot be used ({cause}) — give --redis-url of one that can be written to")]
    Unusable {
        /// Its host and port, or its socket.
        place: String,
        /// What the server says.
        cause: String,
    },
}
