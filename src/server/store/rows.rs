//! The shapes rows are read in, and the ids in them.

use std::str::FromStr;

use sqlx::{QueryBuilder, Sqlite};
use switchboard_ids::UserId;

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

/// Appends `(?, ?, …)` with the users; `()` is no SQL, so the caller has made sure there is one.
pub(super) fn push_users(query: &mut QueryBuilder<Sqlite>, users: &[UserId]) {
    query.push("(");
    let mut list = query.separated(", ");
    for user in users {
        list.push_bind(user.to_string());
    }
    query.push(")");
}
