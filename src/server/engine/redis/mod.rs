//! The engine of several nodes: a Redis, or a Valkey, that all of them reach.

mod scripts;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Client, RedisError, Script, ScriptInvocation, cmd};
use futures_util::FutureExt;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{Answer, Beat, Claim, Engine, EngineError, Identity, Lease, MOST_NODES, Node};

/// The oldest whose scripts are known to do the same.
const OLDEST: &str = "6.2";

/// How long to wait for a connection, and for an answer: what takes longer is of no use to a lease of two seconds.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// An engine in a Redis.
pub struct Redis {
    client: Client,
    place: String,
    connection: Mutex<Option<MultiplexedConnection>>,
    garbage: AtomicU64,
    warned: AtomicBool,
}

impl std::fmt::Debug for Redis {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Redis {
    /// Connects to the Redis that `url` names, and makes sure that it can be used.
    pub async fn open(url: &str) -> Result<Self, EngineError> {
        let client = Client::open(url).map_err(|error| EngineError::BadUrl(error.to_string()))?;
        let place = client.get_connection_info().addr().to_string();
        let (garbage, warned) = (AtomicU64::default(), AtomicBool::default());
        let redis = Self { client, place, connection: Mutex::default(), garbage, warned };
        redis.check().await?;
        Ok(redis)
    }

    /// Makes sure that it is a Redis, new enough, and takes what is written.
    async fn check(&self) -> Result<(), EngineError> {
        let mut connection = self.connection().await?;
        let about: String = cmd("INFO").query_async(&mut connection).await.map_err(|error| self.refused(&error))?;
        let field = |name: &str| about.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
        let found = field("redis_version").unwrap_or("unknown");
        if !is_new_enough(found) {
            return Err(EngineError::Old { place: self.place.clone(), found: found.to_owned(), oldest: OLDEST });
        }
        if field("role").is_some_and(|role| role != "master") {
            return Err(EngineError::Unusable { place: self.place.clone(), cause: "it is a replica".to_owned() });
        }
        // Whether scripts may be run and keys be read is found out by doing so.
        self.run(scripts::LIST.key(scripts::NODES).arg(scripts::NODE).arg(MOST_NODES)).await.map(drop)
    }

    /// The one connection, made anew where it is broken.
    async fn connection(&self) -> Result<MultiplexedConnection, EngineError> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT_WITHIN)).set_response_timeout(Some(ANSWER_WITHIN));
        let made = timeout(2 * CONNECT_WITHIN, self.client.get_multiplexed_async_connection_with_config(&config)).await;
        let made = made.map_err(|_| self.unreachable("no answer in time"))?.map_err(|error| self.refused(&error))?;
        Ok(connection.insert(made).clone())
    }

    /// Runs a script; gives its answer.
    async fn run(&self, script: &ScriptInvocation<'_>) -> Result<Vec<String>, EngineError> {
        let mut connection = self.connection().await?;
        // The library's own bound does not hold where the other end stands still under a half-sent request.
        let told = timeout(2 * ANSWER_WITHIN, script.invoke_async::<(Vec<String>, Vec<String>)>(&mut connection)).await;
        let error = match told {
            Ok(Ok((garbage, answer))) => {
                garbage.iter().for_each(|key| self.found_garbage(key));
                return Ok(answer);
            }
            Ok(Err(error)) => self.refused(&error),
            Err(_) => self.unreachable("no answer in time"),
        };
        // It may never answer again; the next one is made anew.
        *self.connection.lock().await = None;
        Err(error)
    }

    fn found_garbage(&self, key: &str) {
        self.garbage.fetch_add(1, Ordering::Relaxed);
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                key,
                place = self.place,
                "Redis holds what is not ours under our keys; it is overwritten — does another program use this database of it?"
            );
        }
    }

    fn unreachable(&self, cause: &str) -> EngineError {
        EngineError::Unreachable { place: self.place.clone(), cause: cause.to_owned() }
    }

    fn refused(&self, error: &RedisError) -> EngineError {
        let (place, cause) = (self.place.clone(), error.to_string());
        match error.code() {
            Some("NOAUTH" | "WRONGPASS" | "NOPERM") => EngineError::Login { place, cause },
            Some("READONLY" | "OOM" | "MISCONF" | "NOSCRIPT") => EngineError::Unusable { place, cause },
            _ if error.kind() == ::redis::ErrorKind::AuthenticationFailed => EngineError::Login { place, cause },
            _ => EngineError::Unreachable { place, cause },
        }
    }

    fn lease<'a>(script: &'a Script, lease: &str) -> ScriptInvocation<'a> {
        let mut invocation = script.prepare_invoke();
        invocation.key(format!("{}{lease}", scripts::LEASE)).key(format!("{}{lease}", scripts::EPOCH));
        invocation
    }

    fn read_lease(&self, fields: &[String]) -> Option<Lease> {
        let [node, run, epoch, address] = fields else { return None };
        let (Ok(run), Ok(epoch)) = (run.parse(), epoch.parse()) else {
            self.found_garbage(scripts::LEASE);
            return None;
        };
        let address = (!address.is_empty()).then(|| address.clone());
        Some(Lease { holder: Identity { node: node.clone(), run, address }, epoch })
    }
}

impl Engine for Redis {
    fn beat<'a>(&'a self, node: &'a Node, lives_for: Duration) -> Answer<'a, Beat> {
        async move {
            let Identity { node: name, run, .. } = &node.identity;
            let record = serde_json::to_string(node).expect("a node is JSON");
            let mut script = scripts::BEAT.key(scripts::NODES);
            script.key(format!("{}{name}", scripts::NODE));
            let answer = self.run(script.arg(name).arg(run.to_string()).arg(record).arg(millis(lives_for)).arg(MOST_NODES)).await?;
            match answer.get(1).map(|time| time.parse()) {
                Some(Ok(time)) => Ok(Beat::Heard(time)),
                _ => Ok(Beat::Taken),
            }
        }
        .boxed()
    }

    fn leave<'a>(&'a self, node: &'a Identity) -> Answer<'a, ()> {
        async move {
            let mut script = scripts::LEAVE.key(scripts::NODES);
            script.key(format!("{}{}", scripts::NODE, node.node));
            self.run(script.arg(&node.node).arg(node.run.to_string())).await.map(drop)
        }
        .boxed()
    }

    fn nodes(&self) -> Answer<'_, Vec<Node>> {
        async move {
            let script = &mut scripts::LIST.key(scripts::NODES);
            let records = self.run(script.arg(scripts::NODE).arg(MOST_NODES)).await?;
            let read = |record: &String| serde_json::from_str::<Node>(record).map_err(|_| self.found_garbage(scripts::NODE)).ok();
            let mut nodes: Vec<Node> = records.iter().filter_map(read).collect();
            nodes.sort_by(|one, other| one.identity.node.cmp(&other.identity.node));
            Ok(nodes)
        }
        .boxed()
    }

    fn claim<'a>(&'a self, lease: &'a str, who: &'a Identity, above: u64, lasts: Duration) -> Answer<'a, Claim> {
        async move {
            let mut script = Self::lease(&scripts::CLAIM, lease);
            let answer = self.run(own(&mut script, who, lasts).arg(above)).await?;
            match self.read_lease(&answer) {
                Some(lease) if lease.holder.run == who.run => Ok(Claim::Won(lease.epoch)),
                Some(lease) => Ok(Claim::Held(lease)),
                // It holds what is none of ours, and would until it ends by itself.
                None => Err(EngineError::Unusable { place: self.place.clone(), cause: "a lease cannot be read".to_owned() }),
            }
        }
        .boxed()
    }

    fn renew<'a>(&'a self, lease: &'a str, who: &'a Identity, epoch: u64, lasts: Duration) -> Answer<'a, bool> {
        async move {
            let mut script = Self::lease(&scripts::RENEW, lease);
            Ok(!self.run(own(&mut script, who, lasts).arg(epoch)).await?.is_empty())
        }
        .boxed()
    }

    fn release<'a>(&'a self, lease: &'a str, who: &'a Identity, epoch: u64) -> Answer<'a, ()> {
        async move {
            let mut script = Self::lease(&scripts::RELEASE, lease);
            self.run(script.arg(who.run.to_string()).arg(epoch)).await.map(drop)
        }
        .boxed()
    }

    fn holder<'a>(&'a self, lease: &'a str) -> Answer<'a, Option<Lease>> {
        async move {
            let fields = self.run(&Self::lease(&scripts::HOLDER, lease)).await?;
            Ok(self.read_lease(&fields))
        }
        .boxed()
    }

    fn secret<'a>(&'a self, proposed: &'a str) -> Answer<'a, String> {
        async move {
            let answer = self.run(scripts::SECRET.key(scripts::SECRET_KEY).arg(proposed)).await?;
            Ok(answer.into_iter().next().unwrap_or_else(|| proposed.to_owned()))
        }
        .boxed()
    }

    fn garbage(&self) -> u64 {
        self.garbage.load(Ordering::Relaxed)
    }
}

fn own<'a, 'b>(script: &'a mut ScriptInvocation<'b>, who: &Identity, lasts: Duration) -> &'a mut ScriptInvocation<'b> {
    let address = who.address.as_deref().unwrap_or_default();
    script.arg(&who.node).arg(who.run.to_string()).arg(address).arg(millis(lasts))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a version such as 7.0.15 is [`OLDEST`] or newer.
fn is_new_enough(version: &str) -> bool {
    let number = |version: &str| {
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    };
    number(version) >= number(OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_compared_by_its_numbers() {
        for (version, enough) in
            [("6.2.0", true), ("7.0.15", true), ("10.0", true), ("6.0.16", false), ("5.9.9", false), ("unknown", false)]
        {
            assert_eq!(is_new_enough(version), enough, "{version}");
        }
    }
}
