//! The end at the node that does not control the calls.

use std::time::Duration;

use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{LinkError, Secret, handshake, read, write};
use crate::switchboard::{Down, Guest, Up};

/// A node that takes longer to be reached is looked for again.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);

/// Ends what was said by the link with it, however it ends.
struct Ends(Guest);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Connects to the node at `address`, which controls the calls in this epoch. Gives the way to its switchboard, and the link,
/// which ends when it is dropped.
pub(crate) async fn dial(address: &str, secret: &Secret, node: &str, epoch: u64) -> Result<(Guest, JoinSet<()>), LinkError> {
    let mut stream = timeout(CONNECT_WITHIN, TcpStream::connect(address)).await.map_err(|_| LinkError::Silent)??;
    stream.set_nodelay(true)?;
    handshake::dials(&mut stream, secret, node, epoch).await?;
    let (guest, words) = Guest::new();
    let (from, to) = stream.into_split();
    let mut from = BufReader::new(from);
    let ends = Ends(guest.clone());
    let mut link = JoinSet::new();
    link.spawn(async move {
        let reading = async {
            loop {
                ends.0.take(read::<Down>(&mut from).await?);
            }
        };
        let ended: Result<(), LinkError> = tokio::select! {
            ended = reading => ended,
            ended = write(to, words, Up::Alive) => ended,
        };
        if let Err(error) = ended {
            tracing::warn!(epoch, %error, "the node that controls the calls is lost");
        }
    });
    Ok((guest, link))
}
