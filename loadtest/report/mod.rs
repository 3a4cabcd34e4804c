//! What was found: a table for people (`table.rs`), a page with charts (`html.rs`), JSON for programs, and whether the limits given held (`limits.rs`). The
//! crate's `README.md` describes the JSON.

mod chart;
mod html;
mod limits;
mod load;
mod smoke;
mod table;

pub(crate) use chart::{Axis, Line, chart};
pub(crate) use html::{STYLE, escaped, page};
pub(crate) use limits::{Limits, amount, share};
pub(crate) use load::{LoadReport, Setting};
pub(crate) use smoke::SmokeReport;
