//! The shapes rows are read in, and the ids in them.

use std::str::FromStr;

use super::{Person, StoreError};

/// The columns `id, phone, name` of a user.
#[derive(sqlx::FromRow)]
pub(super) struct PersonRow {
    id: String,
    phone: String,
    name: String,
}

impl PersonRow {
    pub(super) fn person(self) -> Result<Person, StoreError> {
        Ok(Person { id: id(&self.id)?, phone: self.phone, name: self.name })
    }
}

/// Reads an id that this program wrote.
pub(super) fn id<T: FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::BadId(text.to_owned()))
}

/// `$first, …`: placeholders for a list of `count`, and no SQL when that is none.
pub(super) fn placeholders(first: usize, count: usize) -> String {
    let each: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    each.join(", ")
}
