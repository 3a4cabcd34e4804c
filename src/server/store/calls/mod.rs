//! The history of calls: what the call machine records, what a server that comes back takes up, what a person reads back.
//!
//! `record` writes it line by line. A line that is written twice is as good as one: whoever writes may try again after an
//! error that was none. `running` is what a restart finds, `history` what people see.

mod history;
mod record;
mod running;

pub use history::{PastCall, PastSeat, history, missed, see};
pub use record::{QualityRow, answered, ended, placed, quality, seat_state, seated};
pub use running::{RunningCall, RunningSeat, end_running, heartbeat, last_heartbeat, running, running_count};
