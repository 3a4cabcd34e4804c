//! Accounts: making them, finding them by number, their names.

use switchboard_ids::UserId;
use uuid::Uuid;

use super::rows::{self, PersonRow};
use super::{Person, Store, StoreError};

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The number belongs to another account.
    #[error("the number belongs to an account already")]
    PhoneTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an account. `phone` is E.164, `password_hash` a PHC string.
pub async fn create(store: &Store, phone: &str, name: &str, password_hash: &str, at_ms: i64) -> Result<Person, CreateError> {
    let id = UserId::from(Uuid::now_v7());
    let inserted = sqlx::query("INSERT INTO users (id, phone, name, password_hash, created_ms) VALUES ($1, $2, $3, $4, $5)")
        .bind(id.to_string())
        .bind(phone)
        .bind(name)
        .bind(password_hash)
        .bind(at_ms)
        .execute(store)
        .await
        .map_err(StoreError::from);
    match inserted {
        Ok(_) => Ok(Person { id, phone: phone.to_owned(), name: name.to_owned() }),
        Err(error) if error.is_unique_violation() => Err(CreateError::PhoneTaken),
        Err(error) => Err(error.into()),
    }
}

/// The account with this id.
pub async fn by_id(store: &Store, user: UserId) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> =
        sqlx::query_as("SELECT id, phone, name FROM users WHERE id = $1").bind(user.to_string()).fetch_optional(store).await?;
    row.map(PersonRow::person).transpose()
}

/// The account with exactly this number.
pub async fn by_phone(store: &Store, phone: &str) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> =
        sqlx::query_as("SELECT id, phone, name FROM users WHERE phone = $1").bind(phone).fetch_optional(store).await?;
    row.map(PersonRow::person).transpose()
}

/// The account with this number and its password hash.
pub async fn credentials(store: &Store, phone: &str) -> Result<Option<(Person, String)>, StoreError> {
    let row: Option<(String, String, String, String)> =
        sqlx::query_as("SELECT id, phone, name, password_hash FROM users WHERE phone = $1").bind(phone).fetch_optional(store).await?;
    row.map(|(id, phone, name, hash)| Ok((Person { id: rows::id(&id)?, phone, name }, hash))).transpose()
}
