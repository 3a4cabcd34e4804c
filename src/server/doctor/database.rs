//! The database: whether it can be read and written, and how far its tables are.

use super::Finding;
use crate::store::{Inspection, Migrations, OpenError};

const NAME: &str = "database";

pub(super) fn reachable(look: &Result<Inspection, OpenError>) -> Finding {
    match look {
        Err(error) => Finding::error(NAME, error),
        Ok(Inspection { what, in_use: true, .. }) => Finding::ok(NAME, format!("{what} is in use by a running server")),
        Ok(Inspection { what, migrations: Migrations::NotMade, .. }) => Finding::ok(NAME, format!("{what} is made at first start")),
        Ok(Inspection { what, .. }) => Finding::ok(NAME, format!("{what} can be read and written")),
    }
}

pub(super) fn migrations(look: &Result<Inspection, OpenError>) -> Finding {
    const NAME: &str = "migrations";
    let Ok(look) = look else {
        return Finding::warning(NAME, "not looked at, for the database cannot be used", "see what is said of the database");
    };
    match look.migrations {
        Migrations::NotMade => Finding::ok(NAME, "there is no database yet; the first start applies all"),
        Migrations::Known { applied, pending: 0 } => Finding::ok(NAME, format!("all {applied} are applied")),
        Migrations::Known { pending, .. } => Finding::warning(
            NAME,
            format!("{pending} are not applied yet"),
            "make a backup, then run `switchboard migrate`; `switchboard serve` does the same at start",
        ),
        Migrations::Newer(version) => Finding::failure(
            NAME,
            format!("the database is newer than this program (it has migration {version})"),
            "run the version that wrote it, or a later one",
        ),
        Migrations::Broken(version) => Finding::failure(
            NAME,
            format!("migration {version} failed half-way, or was changed after it was applied"),
            "restore the database from a backup, or report this",
        ),
    }
}
