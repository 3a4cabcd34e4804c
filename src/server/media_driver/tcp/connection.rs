//! One connection: a task that reads whole frames off it, and what waits to be written to it.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::mpsc::Sender;
use tokio::task::AbortHandle;

use super::framing::{prefix, whole};
use super::numbers::Closed;
use super::{Arrival, ConnectionId};

/// Room for what one look at a connection brings: several packets.
const READ: usize = 8 * 1024;
/// What may wait on a connection, in bytes, beside what the kernel holds: together 2 s of audio and small pictures, and more would only
/// come too late. A path that does not carry what is sent shows by what is dropped, as one by UDP does.
const UNSENT: usize = 128 * 1024;
/// What the kernel may hold for it; Linux sets aside twice that.
const KERNEL: usize = 64 * 1024;
/// A client's first packet is a connectivity check (RFC 8445 §7.2), which it repeats many times within this.
const PROVE_WITHIN: Duration = Duration::from_secs(10);
/// A client proves its consent every five seconds (RFC 7675), and looks after a connection it has in reserve twice a minute.
const SILENT_FOR: Duration = Duration::from_secs(60);

pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    /// The candidate that it came to.
    pub(super) candidate: SocketAddr,
    stream: Arc<TcpStream>,
    reader: AbortHandle,
    unsent: VecDeque<u8>,
    /// Whether somebody says when there is room in the kernel again.
    waits: bool,
    opened: Instant,
    /// When something of a leg's came last.
    heard: Option<Instant>,
}

impl Connection {
    /// Begins to read.
    pub(super) fn begin(
        now: Instant,
        id: ConnectionId,
        (peer, candidate): (SocketAddr, SocketAddr),
        stream: TcpStream,
        arrivals: Sender<Arrival>,
    ) -> Self {
        let socket = SockRef::from(&stream);
        // Where the system refuses, packets are later than they need be, no more.
        let _ = socket.set_tcp_nodelay(true);
        let _ = socket.set_send_buffer_size(KERNEL);
        let stream = Arc::new(stream);
        let reader = tokio::spawn(read(stream.clone(), id, arrivals)).abort_handle();
        Self { peer, candidate, stream, reader, unsent: VecDeque::new(), waits: false, opened: now, heard: None }
    }

    /// Something of a leg's came.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = Some(now);
    }

    /// Why it is to be closed at `now`, if it is. Whoever sends a frame too slowly is silent meanwhile.
    pub(super) fn given_up(&self, now: Instant) -> Option<Closed> {
        match self.heard {
            None => (now >= self.opened + PROVE_WITHIN).then_some(Closed::Unproven),
            Some(at) => (now >= at + SILENT_FOR).then_some(Closed::Silent),
        }
    }

    /// Has a packet wait for [`Connection::flush`]; false when there is no room for it.
    pub(super) fn push(&mut self, packet: &[u8]) -> bool {
        let Some(prefix) = prefix(packet.len()) else { return false };
        if self.unsent.len() + prefix.len() + packet.len() > UNSENT {
            return false;
        }
        self.unsent.extend(prefix);
        self.unsent.extend(packet);
        true
    }

    /// Writes what waits, as far as there is room; [`Arrival::Writable`] comes when there is more.
    pub(super) fn flush(&mut self, id: ConnectionId, arrivals: &Sender<Arrival>) -> io::Result<()> {
        while !self.unsent.is_empty() && !self.waits {
            let (front, back) = self.unsent.as_slices();
            match self.stream.try_write_vectored(&[IoSlice::new(front), IoSlice::new(back)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => drop(self.unsent.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait(id, arrivals.clone()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The bytes that wait to be written.
    #[cfg(test)]
    pub(super) fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// There is room in the kernel again.
    pub(super) fn writable(&mut self) {
        self.waits = false;
    }

    fn wait(&mut self, id: ConnectionId, arrivals: Sender<Arrival>) {
        self.waits = true;
        let stream = Arc::downgrade(&self.stream);
        tokio::spawn(async move {
            // One that is closed meanwhile has its reader say so.
            let Some(stream) = stream.upgrade() else { return };
            if stream.writable().await.is_ok() {
                let _ = arrivals.send(Arrival::Writable(id)).await;
            }
        });
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
        // Whoever waits for room has the stream, too, and must not keep it open.
        let _ = SockRef::from(&*self.stream).shutdown(std::net::Shutdown::Both);
    }
}

/// Gives whole frames to the thread, and waits while it has many to take: the client is slowed down by that.
async fn read(stream: Arc<TcpStream>, id: ConnectionId, arrivals: Sender<Arrival>) {
    let mut buffer = Vec::new();
    loop {
        if stream.readable().await.is_err() {
            break;
        }
        buffer.reserve(READ);
        match stream.try_read_buf(&mut buffer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(_) => break,
        }
        let rest = buffer.split_off(whole(&buffer));
        let frames = std::mem::replace(&mut buffer, rest);
        if !frames.is_empty() && arrivals.send(Arrival::Frames(id, frames)).await.is_err() {
            return;
        }
    }
    // Nobody listens only while the server stops.
    let _ = arrivals.send(Arrival::Ended(id)).await;
}
