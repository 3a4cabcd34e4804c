//! Tests of the call machine, one behaviour group a file; `model` drives it with random transitions.

mod answering;
mod bench;
mod devices;
mod ending;
mod glare;
mod history;
mod holding;
mod inviting;
mod joining;
mod limits;
mod losing;
mod model;
mod orders;
mod placing;
mod play;
mod reference;
mod reporting;
mod restoring;
mod ringing;
mod rules;
mod step;
mod story;
mod strangers;
mod waiting;
mod warming;
mod watch;
