//! The ends at the node that controls the calls.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::sleep;

use super::{LinkError, Secret, handshake, read, write};
use crate::switchboard::{Down, Host, Mail, Office, Up};

/// Strangers that are listened to at once.
const STRANGERS: usize = 64;

/// What keeps a connection from being accepted, such as too many open files, is there a moment later, too.
const PAUSE: Duration = Duration::from_millis(100);

/// Where other nodes reach this one.
pub(crate) struct Listener {
    socket: TcpListener,
    secret: Arc<Secret>,
    office: watch::Receiver<Office>,
}

impl Listener {
    pub(crate) fn new(socket: TcpListener, secret: Arc<Secret>, office: watch::Receiver<Office>) -> Self {
        Self { socket, secret, office }
    }

    /// Listens for as long as it is not dropped.
    pub(crate) async fn run(self) {
        let strangers = Arc::new(Semaphore::new(STRANGERS));
        loop {
            let Ok(permit) = strangers.clone().acquire_owned().await else { return };
            let (stream, from) = match self.socket.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "another node could not be listened to");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let (secret, office) = (self.secret.clone(), self.office.clone());
            tokio::spawn(async move {
                match meet(stream, &secret, &office).await {
                    Ok((stream, node, mailbox)) => {
                        drop(permit);
                        tracing::info!(node, "a node is connected");
                        let ended = serve(stream, mailbox, office).await;
                        tracing::info!(node, ?ended, "a node is gone");
                    }
                    Err(LinkError::Elsewhere) => tracing::debug!(%from, "a node looked for the calls here"),
                    Err(error) => tracing::warn!(%from, %error, "who wanted to be a node was sent away"),
                }
            });
        }
    }
}

/// Makes sure that it is a node, and that it comes to the right place; gives where its mail goes.
async fn meet(
    mut stream: TcpStream,
    secret: &Secret,
    office: &watch::Receiver<Office>,
) -> Result<(TcpStream, String, mpsc::Sender<Mail>), LinkError> {
    stream.set_nodelay(true)?;
    let mut found = None;
    let node = handshake::listens(&mut stream, secret, |wanted| {
        if let Office::Here { epoch, mailbox } = &*office.borrow()
            && *epoch == wanted
        {
            found = Some(mailbox.clone());
        }
        found.is_some()
    })
    .await?;
    let mailbox = found.ok_or(LinkError::Elsewhere)?;
    Ok((stream, node, mailbox))
}

/// Serves a node until it is gone, is cut off, or the calls are controlled here no more.
async fn serve(stream: TcpStream, mailbox: mpsc::Sender<Mail>, mut office: watch::Receiver<Office>) -> Result<(), LinkError> {
    let (from, to) = stream.into_split();
    let mut from = BufReader::new(from);
    let here = mailbox.clone();
    let (mut host, words, cut) = Host::new(mailbox);
    let reading = async {
        while host.take(read::<Up>(&mut from).await?).await {}
        Ok(())
    };
    let ended = tokio::select! {
        ended = reading => ended,
        ended = write(to, words, Down::Alive) => ended,
        () = cut.asked() => Err(LinkError::Silent),
        _ = office.wait_for(|office| !matches!(office, Office::Here { mailbox, .. } if mailbox.same_channel(&here))) => Ok(()),
    };
    host.end().await;
    ended
}

/// The address others are told: the one given, that of the socket, or that of a network this machine is in.
pub(crate) fn address_of(socket: SocketAddr, given: Option<String>) -> String {
    given.unwrap_or_else(|| {
        let first = || crate::config::local_ips().ok().and_then(|ips| ips.into_iter().find(|ip| !ip.is_loopback()));
        match socket.ip() {
            ip if ip.is_unspecified() => SocketAddr::new(first().unwrap_or(ip), socket.port()).to_string(),
            _ => socket.to_string(),
        }
    })
}
