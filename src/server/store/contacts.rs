//! Contacts: who may call whom, and how each knows the other.

use std::collections::HashMap;

use switchboard_ids::{LabelId, UserId};

use super::rows::{self, PersonRow};
use super::{Person, Store, StoreError, Writing};

/// A contact as its owner knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The account.
    pub person: Person,
    /// The owner's own name for them.
    pub own_name: Option<String>,
    /// The owner's labels they carry.
    pub labels: Vec<LabelId>,
    /// Whether the owner has blocked them.
    pub blocked: bool,
}

#[derive(sqlx::FromRow)]
struct ContactRow {
    #[sqlx(flatten)]
    person: PersonRow,
    own_name: Option<String>,
    blocked: i64,
}

/// The contacts of a user, by display name.
pub async fn of(store: &Store, user: UserId) -> Result<Vec<Contact>, StoreError> {
    let rows: Vec<ContactRow> = sqlx::query_as(
        "SELECT u.id, u.phone, u.name, c.own_name, CASE WHEN b.since_ms IS NULL THEN 0 ELSE 1 END AS blocked \
         FROM contacts c JOIN users u ON u.id = c.contact_id \
         LEFT JOIN blocks b ON b.user_id = c.user_id AND b.blocked_id = c.contact_id \
         WHERE c.user_id = $1 ORDER BY u.name, u.id",
    )
    .bind(user.to_string())
    .fetch_all(store)
    .await?;
    let mut labels = labels_of(store, user).await?;
    rows.into_iter()
        .map(|ContactRow { person, own_name, blocked }| {
            let person = person.person()?;
            let labels = labels.remove(&person.id).unwrap_or_default();
            Ok(Contact { person, own_name, labels, blocked: blocked != 0 })
        })
        .collect()
}

async fn labels_of(store: &Store, user: UserId) -> Result<HashMap<UserId, Vec<LabelId>>, StoreError> {
    let pairs: Vec<(String, String)> =
        sqlx::query_as("SELECT contact_id, label_id FROM contact_labels WHERE user_id = $1 ORDER BY contact_id, label_id")
            .bind(user.to_string())
            .fetch_all(store)
            .await?;
    let mut labels: HashMap<UserId, Vec<LabelId>> = HashMap::new();
    for (contact, label) in pairs {
        labels.entry(rows::id(&contact)?).or_default().push(rows::id(&label)?);
    }
    Ok(labels)
}

/// Sets the user's own name for a contact; with none, the contact goes by their display name. Returns whether they are one.
pub async fn set_own_name(store: &Store, user: UserId, contact: UserId, own_name: Option<&str>) -> Result<bool, StoreError> {
    let updated = sqlx::query("UPDATE contacts SET own_name = $3 WHERE user_id = $1 AND contact_id = $2")
        .bind(user.to_string())
        .bind(contact.to_string())
        .bind(own_name)
        .execute(store)
        .await?;
    Ok(updated.rows_affected() == 1)
}

/// The ids of a user's contacts.
pub async fn ids_of(store: &Store, user: UserId) -> Result<Vec<UserId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT contact_id FROM contacts WHERE user_id = $1 ORDER BY contact_id")
        .bind(user.to_string())
        .fetch_all(store)
        .await?;
    ids.iter().map(|id| rows::id(id)).collect()
}

/// Makes two people contacts of each other, where they are not yet.
pub(super) async fn join(transaction: &mut Writing, a: UserId, b: UserId, at_ms: i64) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO contacts (user_id, contact_id, since_ms) VALUES ($1, $2, $3), ($2, $1, $3) ON CONFLICT DO NOTHING")
        .bind(a.to_string())
        .bind(b.to_string())
        .bind(at_ms)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Makes two people contacts without an invitation; the demo accounts are made this way. Doing it again changes nothing.
pub async fn introduce(store: &Store, a: UserId, b: UserId, at_ms: i64) -> Result<(), StoreError> {
    store
        .settle(|| async {
            let mut transaction = store.write().await?;
            join(&mut transaction, a, b, at_ms).await?;
            transaction.commit().await
        })
        .await
}

/// Ends the contact of two people, on both sides. Returns whether they were contacts.
pub async fn remove(store: &Store, a: UserId, b: UserId) -> Result<bool, StoreError> {
    store
        .settle(|| async {
            let mut transaction = store.write().await?;
            let deleted =
                sqlx::query("DELETE FROM contacts WHERE (user_id = $1 AND contact_id = $2) OR (user_id = $2 AND contact_id = $1)")
                    .bind(a.to_string())
                    .bind(b.to_string())
                    .execute(&mut *transaction)
                    .await?;
            transaction.commit().await?;
            Ok(deleted.rows_affected() > 0)
        })
        .await
}
