//! Tests of the call machine, one behaviour group a file; `model` drives it with random transitions.

mod answering;
mod bench;
mod devices;
mod ending;
mod history;
mod limits;
mod model;
mod placing;
mod reference;
mod ringing;
mod strangers;
mod watch;
