//! Labels: a person's own groups of contacts.

use switchboard_ids::{LabelId, UserId};
use uuid::Uuid;

use super::{Cause, Store, StoreError, rows};

/// The most labels one person has.
pub const MAX_PER_USER: i64 = 200;

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The label.
    pub id: LabelId,
    /// How its owner calls it.
    pub name: String,
}

/// Why a label was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// This person has one of this name.
    #[error("there is a label of this name")]
    NameTaken,
    /// This person has as many as one may.
    #[error("there are {MAX_PER_USER} labels already")]
    TooMany,
    /// There is no such label, or it is another person's.
    #[error("there is no such label")]
    NoSuchLabel,
    /// Only contacts carry labels.
    #[error("this person is not a contact")]
    NotAContact,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Cause for LabelError {
    fn of_store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

impl From<sqlx::Error> for LabelError {
    fn from(error: sqlx::Error) -> Self {
        let error = StoreError::from(error);
        if error.is_unique_violation() { Self::NameTaken } else { Self::Store(error) }
    }
}

/// The labels of a user, by name.
pub async fn of(store: &Store, user: UserId) -> Result<Vec<Label>, StoreError> {
    let found: Vec<(String, String)> =
        sqlx::query_as("SELECT id, name FROM labels WHERE user_id = $1 ORDER BY name").bind(user.to_string()).fetch_all(store).await?;
    found.into_iter().map(|(id, name)| Ok(Label { id: rows::id(&id)?, name })).collect()
}

/// Makes a label.
pub async fn create(store: &Store, user: UserId, name: &str, at_ms: i64) -> Result<Label, LabelError> {
    let id = LabelId::from(Uuid::now_v7());
    store
        .settle(|| async {
            let mut transaction = store.write().await?;
            let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM labels WHERE user_id = $1")
                .bind(user.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            if count >= MAX_PER_USER {
                return Err(LabelError::TooMany);
            }
            sqlx::query("INSERT INTO labels (id, user_id, name, created_ms) VALUES ($1, $2, $3, $4)")
                .bind(id.to_string())
                .bind(user.to_string())
                .bind(name)
                .bind(at_ms)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(Label { id, name: name.to_owned() })
        })
        .await
}

/// Gives a label of this user another name.
pub async fn rename(store: &Store, user: UserId, label: LabelId, name: &str) -> Result<(), LabelError> {
    let updated = sqlx::query("UPDATE labels SET name = $3 WHERE id = $1 AND user_id = $2")
        .bind(label.to_string())
        .bind(user.to_string())
        .bind(name)
        .execute(store)
        .await?;
    if updated.rows_affected() == 1 { Ok(()) } else { Err(LabelError::NoSuchLabel) }
}

/// Deletes a label of this user; the contacts that carried it stay. Returns whether there was one.
pub async fn delete(store: &Store, user: UserId, label: LabelId) -> Result<bool, StoreError> {
    let deleted = sqlx::query("DELETE FROM labels WHERE id = $1 AND user_id = $2")
        .bind(label.to_string())
        .bind(user.to_string())
        .execute(store)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Gives a contact of this user a label of theirs, or takes it away. Returns whether that is a change.
pub async fn set(store: &Store, user: UserId, contact: UserId, label: LabelId, carries: bool) -> Result<bool, LabelError> {
    store
        .settle(|| async {
            let mut transaction = store.write().await?;
            let is_contact: Option<i64> = sqlx::query_scalar("SELECT since_ms FROM contacts WHERE user_id = $1 AND contact_id = $2")
                .bind(user.to_string())
                .bind(contact.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
            if is_contact.is_none() {
                return Err(LabelError::NotAContact);
            }
            let is_mine: Option<i64> = sqlx::query_scalar("SELECT created_ms FROM labels WHERE id = $1 AND user_id = $2")
                .bind(label.to_string())
                .bind(user.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
            if is_mine.is_none() {
                return Err(LabelError::NoSuchLabel);
            }
            let change = if carries {
                sqlx::query("INSERT INTO contact_labels (label_id, user_id, contact_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            } else {
                sqlx::query("DELETE FROM contact_labels WHERE label_id = $1 AND user_id = $2 AND contact_id = $3")
            };
            let changed =
                change.bind(label.to_string()).bind(user.to_string()).bind(contact.to_string()).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(changed.rows_affected() == 1)
        })
        .await
}
