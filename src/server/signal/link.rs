//! What a signalling connection runs on: a WebSocket, or server-sent events with POSTs beside them.

use switchboard_ids::DeviceId;
use switchboard_protocol::ServerMessage;

use crate::observe::Connection;

/// What goes to the client.
#[derive(Debug)]
pub(super) enum Outgoing<'a> {
    /// A message of the protocol.
    Message(&'a ServerMessage),
    /// A request for a sign of life.
    Ping,
}

/// What comes from the client.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message of the protocol, not read yet.
    Text(String),
    /// Something that is no text.
    Binary,
    /// A sign of life.
    Alive,
    /// The client closed the connection.
    Closed,
    /// The connection broke.
    Lost,
}

/// Why the server ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goodbye {
    /// The client closed it.
    Answer,
    /// The client gave no sign of life.
    Silent,
    /// The client sent a message that is too large.
    TooLarge,
    /// Another connection took the device over.
    Replaced,
    /// The server stops, or has logged the client out.
    ByServer,
    /// The connection could not be opened at this moment.
    TryAgain,
}

/// The connection to a client broke.
#[derive(Debug)]
pub(super) struct Broken;

/// A connection that carries messages of the protocol both ways, in order.
pub(super) trait Link: Send {
    /// What it is shown as to operators.
    const KIND: Connection;

    /// The device this is the connection of is known; it is told to the client after this.
    fn opened(&mut self, _device: DeviceId) {}

    /// Sends; done when the connection has taken it.
    fn send(&mut self, outgoing: Outgoing<'_>) -> impl Future<Output = Result<(), Broken>> + Send;

    /// Waits for the client. Nothing is lost when it is dropped before it is done.
    fn receive(&mut self) -> impl Future<Output = Incoming> + Send;

    /// Ends the connection with a word, as a courtesy: the client may be gone already.
    fn close(self, goodbye: Goodbye) -> impl Future<Output = ()> + Send;
}

/// A message as it goes over the wire.
pub(super) fn json(message: &ServerMessage) -> String {
    serde_json::to_string(message).expect("the protocol's messages are JSON")
}
