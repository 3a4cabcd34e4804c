//! What a check found: one line, with the cure.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// A server runs, and something is worse than it could be, or could not be tried.
    Warning,
    /// A server does not start, or calls fail.
    Failure,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check.
    pub name: &'static str,
    /// How bad it is.
    pub status: Status,
    /// What was found, on one line.
    pub said: String,
    /// What to do about it.
    pub cure: Option<String>,
}

impl Finding {
    pub(super) fn ok(name: &'static str, said: impl Into<String>) -> Self {
        Self { name, status: Status::Ok, said: said.into(), cure: None }
    }

    pub(super) fn warning(name: &'static str, said: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { name, status: Status::Warning, said: said.into(), cure: Some(cure.into()) }
    }

    pub(super) fn failure(name: &'static str, said: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { name, status: Status::Failure, said: said.into(), cure: Some(cure.into()) }
    }

    /// An error that would keep the server from starting: these say cause and cure in one line, with a dash in between.
    pub(super) fn error(name: &'static str, error: &dyn std::error::Error) -> Self {
        let line = error.to_string().replace('\n', " ");
        let (said, cure) = line.rsplit_once(" — ").unwrap_or((&line, "see what `switchboard serve` says"));
        Self::failure(name, said, cure)
    }

    /// Whether a server does not start, or calls fail.
    pub fn is_failure(&self) -> bool {
        self.status == Status::Failure
    }

    /// The finding as a JSON object on one line.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("texts and names are JSON")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.status {
            Status::Ok => "✅",
            Status::Warning => "⚠️",
            Status::Failure => "❌",
        };
        write!(f, "{sign} {}: {}", self.name, self.said)?;
        self.cure.iter().try_for_each(|cure| write!(f, " — {cure}"))
    }
}
