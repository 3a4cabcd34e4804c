//! What keeps a server from running well where it is to run: a check a file, each tried for real and none changing anything.
//!
//! It reads the configuration of `serve`. Where a server runs on it already, that one's ports and database are found in use, which is
//! as it should be; it is known by its admin listener.

mod buffers;
mod caller;
mod certificate;
mod clock;
mod database;
mod finding;
mod limits;
mod listeners;
mod media;
mod neighbour;
mod nodes;
mod space;
mod stun;

pub use finding::{Finding, Status};

use crate::config::Config;
use crate::store;

/// Tries everything that a server with this configuration needs; gives what was found, one finding a check.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let neighbour = neighbour::is_there(config.admin_listen).await;
    let database = store::inspect(&config.database_url).await;
    let mut findings = vec![
        database::reachable(&database),
        database::migrations(&database),
        space::data_folder(&config.data_dir),
        listeners::examine(config, neighbour),
    ];
    if let Some(url) = &config.redis_url {
        findings.push(nodes::examine(url).await);
    }
    findings.extend(media::examine(config, neighbour).await);
    if let Some(server) = &config.stun {
        findings.push(stun::address::examine(server, &config.media_ips).await);
    }
    if let Some(turn) = &config.turn {
        for server in &turn.urls {
            findings.push(stun::relay::examine(server, turn.secret.key()).await);
        }
    }
    findings.push(certificate::examine(config));
    findings.push(clock::examine(database.as_ref().ok()));
    findings.push(limits::open_files(config));
    findings.push(buffers::examine());
    findings
}
