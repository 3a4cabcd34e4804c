//! What a scenario found beyond what every run measures. The report shows it and knows nothing of the scenario.

use serde::Serialize;
use serde_json::Value;

/// The findings of a scenario of its own. In JSON it is the details alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Found {
    pub(crate) details: Value,
    /// Figures for people, by name.
    #[serde(skip)]
    pub(crate) lines: Vec<(&'static str, String)>,
    /// Steps of a scenario that has some, for people: the columns' names first.
    #[serde(skip)]
    pub(crate) table: Vec<Vec<String>>,
    /// What fails the run when it is more than it may be.
    #[serde(skip)]
    pub(crate) bounds: Vec<Bound>,
}

/// The most that something may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bound {
    pub(crate) name: &'static str,
    pub(crate) limit: f64,
    pub(crate) measured: Option<f64>,
}

impl Found {
    /// These details, to which lines, a table and bounds may be added.
    pub(crate) fn new(details: &impl Serialize) -> Self {
        Self { details: serde_json::to_value(details).expect("numbers and words are always JSON"), ..Self::default() }
    }
}
