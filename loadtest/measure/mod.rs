//! What is measured: how long things take (`timings.rs`), what the server's process costs (`meter.rs`, `process.rs`), and
//! what the peers see (`recorder.rs`).

mod found;
mod meter;
mod packet_path;
mod process;
mod recorder;
mod standing;
mod threads;
mod timings;

pub(crate) use found::{Bound, Found};
pub(crate) use meter::Meter;
pub(crate) use packet_path::PathReport;
pub(crate) use process::ServerProcess;
pub(crate) use recorder::{Kept, Mark, Recorder, Second};
pub(crate) use standing::{Metrics, Standing};
pub(crate) use threads::thread_cpu;
pub(crate) use timings::{Spread, Timings, steps};
