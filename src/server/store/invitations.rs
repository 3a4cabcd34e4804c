//! Invitations: how two people become contacts. One from somebody whom its addressee has blocked waits unseen: for them it is
//! not there while the block lasts.

use switchboard_ids::UserId;

use super::rows::PersonRow;
use super::{Person, Store, StoreError, contacts};

/// What came of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invited {
    /// It waits for an answer.
    Invited,
    /// The other had invited already: they are contacts at once.
    Contact,
    /// They were contacts already.
    AlreadyContact,
    /// It was waiting already.
    AlreadyInvited,
}

/// How one person stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Strangers.
    None,
    /// A contact.
    Contact,
    /// Was invited and has not answered.
    Invited,
    /// Has invited and waits for an answer.
    InvitedYou,
}

/// Invites `to` on behalf of `from`; two different accounts that are there.
pub async fn invite(store: &Store, from: UserId, to: UserId, at_ms: i64) -> Result<Invited, StoreError> {
    let (mine, theirs) = (from.to_string(), to.to_string());
    store
        .settle(|| async {
            let mut transaction = store.write().await?;
            let contact: Option<i64> = sqlx::query_scalar("SELECT since_ms FROM contacts WHERE user_id = $1 AND contact_id = $2")
                .bind(&mine)
                .bind(&theirs)
                .fetch_optional(&mut *transaction)
                .await?;
            if contact.is_some() {
                return Ok(Invited::AlreadyContact);
            }
            let answered = sqlx::query("DELETE FROM invitations WHERE from_id = $2 AND to_id = $1")
                .bind(&mine)
                .bind(&theirs)
                .execute(&mut *transaction)
                .await?;
            if answered.rows_affected() == 1 {
                contacts::join(&mut transaction, from, to, at_ms).await?;
                transaction.commit().await?;
                return Ok(Invited::Contact);
            }
            let inserted = sqlx::query("INSERT INTO invitations (from_id, to_id, created_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
                .bind(&mine)
                .bind(&theirs)
                .bind(at_ms)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(if inserted.rows_affected() == 1 { Invited::Invited } else { Invited::AlreadyInvited })
        })
        .await
}

/// The condition that the addressee `to_id` of an invitation has not blocked its sender `from_id`.
macro_rules! seen {
    () => {
        "NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.user_id = invitations.to_id AND blocks.blocked_id = invitations.from_id)"
    };
}

/// Accepts the invitation `from` sent to `to`. Returns whether there was one that `to` sees.
pub async fn accept(store: &Store, from: UserId, to: UserId, at_ms: i64) -> Result<bool, StoreError> {
    store
        .settle(|| async {
            let mut transaction = store.write().await?;
            let deleted = sqlx::query(concat!("DELETE FROM invitations WHERE from_id = $1 AND to_id = $2 AND ", seen!()))
                .bind(from.to_string())
                .bind(to.to_string())
                .execute(&mut *transaction)
                .await?;
            if deleted.rows_affected() == 0 {
                return Ok(false);
            }
            contacts::join(&mut transaction, from, to, at_ms).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
}

/// Takes away the invitation `from` sent to `to`, who declines it. Returns whether there was one that `to` sees.
pub async fn decline(store: &Store, from: UserId, to: UserId) -> Result<bool, StoreError> {
    let deleted = sqlx::query(concat!("DELETE FROM invitations WHERE from_id = $1 AND to_id = $2 AND ", seen!()))
        .bind(from.to_string())
        .bind(to.to_string())
        .execute(store)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Takes away the invitation `from` sent to `to`, which `from` withdraws. Returns whether there was one.
pub async fn withdraw(store: &Store, from: UserId, to: UserId) -> Result<bool, StoreError> {
    let deleted = sqlx::query("DELETE FROM invitations WHERE from_id = $1 AND to_id = $2")
        .bind(from.to_string())
        .bind(to.to_string())
        .execute(store)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Who invited this user and waits for an answer, the latest first; those whom the user has blocked are left out.
pub async fn incoming(store: &Store, user: UserId) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<PersonRow> = sqlx::query_as(concat!(
        "SELECT users.id, users.phone, users.name FROM invitations JOIN users ON users.id = invitations.from_id \
         WHERE invitations.to_id = $1 AND ",
        seen!(),
        " ORDER BY invitations.created_ms DESC, users.id",
    ))
    .bind(user.to_string())
    .fetch_all(store)
    .await?;
    rows.into_iter().map(PersonRow::person).collect()
}

/// Whom this user invited and who has not answered, the latest first.
pub async fn outgoing(store: &Store, user: UserId) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<PersonRow> = sqlx::query_as(
        "SELECT u.id, u.phone, u.name FROM invitations i JOIN users u ON u.id = i.to_id WHERE i.from_id = $1 \
         ORDER BY i.created_ms DESC, u.id",
    )
    .bind(user.to_string())
    .fetch_all(store)
    .await?;
    rows.into_iter().map(PersonRow::person).collect()
}

/// How `other` stands to `user`, as far as `user` sees.
pub async fn relation(store: &Store, user: UserId, other: UserId) -> Result<Relation, StoreError> {
    let found: Option<String> = sqlx::query_scalar(concat!(
        "SELECT 'contact' AS relation FROM contacts WHERE user_id = $1 AND contact_id = $2 \
         UNION ALL SELECT 'invited' FROM invitations WHERE from_id = $1 AND to_id = $2 \
         UNION ALL SELECT 'invited_you' FROM invitations WHERE from_id = $2 AND to_id = $1 AND ",
        seen!(),
    ))
    .bind(user.to_string())
    .bind(other.to_string())
    .fetch_optional(store)
    .await?;
    Ok(match found.as_deref() {
        Some("contact") => Relation::Contact,
        Some("invited") => Relation::Invited,
        Some("invited_you") => Relation::InvitedYou,
        _ => Relation::None,
    })
}
