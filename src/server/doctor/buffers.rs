//! What the kernel holds for a media socket.

use super::Finding;
use crate::media_driver::MediaDriver;

pub(super) fn examine() -> Finding {
    const NAME: &str = "socket_buffers";
    match MediaDriver::shortage() {
        Ok(None) => Finding::ok(NAME, "media sockets get the buffers they ask for"),
        Ok(Some(shortage)) => Finding::warning(NAME, shortage.said(), shortage.cure()),
        Err(error) => Finding::failure(NAME, format!("no UDP socket can be made ({error})"), "allow this process to make UDP sockets"),
    }
}
