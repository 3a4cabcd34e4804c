//! The contact list.

#![expect(unused_qualifications, reason = "the macro that describes query parameters writes them")]

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_ids::{LabelId, UserId};
use switchboard_protocol::Event;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::accounts::{Account, display_name};
use super::auth::Login;
use super::extract::{Json, UrlPath, UrlQuery};
use super::labels::LabelView;
use super::problem::{Error, Problem};
use crate::store::contacts::Contact;
use crate::store::{Person, contacts, invitations, labels};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(name, remove))
}

/// Which contacts; without either, all.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Those that carry this label of one's own.
    #[param(value_type = Option<String>)]
    label: Option<LabelId>,
    /// Those with this in their name, in one's own name for them, or in their number. Case does not matter.
    text: Option<String>,
}

/// Contacts and open invitations.
#[derive(Serialize, ToSchema)]
struct Contacts {
    /// The contacts that were asked for, by the name one knows them by.
    contacts: Vec<ContactView>,
    /// Who invited me and waits for an answer.
    incoming: Vec<Account>,
    /// Whom I invited and who has not answered.
    outgoing: Vec<Account>,
    /// All of one's labels, by name.
    labels: Vec<LabelView>,
}

/// A contact.
#[derive(Serialize, ToSchema)]
struct ContactView {
    /// The account.
    #[serde(flatten)]
    account: Account,
    /// One's own name for them.
    own_name: Option<String>,
    /// The labels they carry.
    #[schema(value_type = Vec<String>)]
    labels: Vec<LabelId>,
    /// Whether one has blocked them.
    blocked: bool,
}

impl From<Contact> for ContactView {
    fn from(Contact { person, own_name, labels, blocked }: Contact) -> Self {
        Self { account: person.into(), own_name, labels, blocked }
    }
}

/// One's own name for a contact.
#[derive(Deserialize, ToSchema)]
struct OwnName {
    /// 1 to 64 characters; `null` to call them by their display name.
    #[serde(deserialize_with = "Option::deserialize")]
    own_name: Option<String>,
}

/// Contacts, open invitations and labels.
#[utoipa::path(get, path = "/v1/contacts", tag = "contacts", params(Wanted), security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = Contacts),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_label`"),
))]
async fn list(State(state): State<AppState>, login: Login, UrlQuery(wanted): UrlQuery<Wanted>) -> Result<axum::Json<Contacts>, Error> {
    let (store, me) = (&state.store, login.user);
    let labels = labels::of(store, me).await?;
    if wanted.label.is_some_and(|wanted| labels.iter().all(|label| label.id != wanted)) {
        return Err(Error::NoSuchLabel);
    }
    let text = Text::new(wanted.text.as_deref().unwrap_or_default());
    let mut contacts = contacts::of(store, me).await?;
    contacts.retain(|contact| wanted.label.is_none_or(|label| contact.labels.contains(&label)) && text.is_in(contact));
    contacts.sort_by_cached_key(|contact| contact.own_name.as_ref().unwrap_or(&contact.person.name).to_lowercase());
    let mut labels: Vec<LabelView> = labels.into_iter().map(LabelView::from).collect();
    labels.sort_by_cached_key(LabelView::sort_key);
    let accounts = |people: Vec<Person>| people.into_iter().map(Account::from).collect();
    Ok(axum::Json(Contacts {
        contacts: contacts.into_iter().map(ContactView::from).collect(),
        incoming: accounts(invitations::incoming(store, me).await?),
        outgoing: accounts(invitations::outgoing(store, me).await?),
        labels,
    }))
}

/// What contacts are looked for by.
struct Text {
    lowercase: String,
    /// The digits, where the text may be a part of a number.
    digits: Option<String>,
}

impl Text {
    fn new(text: &str) -> Self {
        let text = text.trim();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_number = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '\u{a0}' | '-' | '.' | '(' | ')'));
        Self { lowercase: text.to_lowercase(), digits: Some(digits).filter(|digits| is_number && !digits.is_empty()) }
    }

    fn is_in(&self, contact: &Contact) -> bool {
        let names = [Some(&contact.person.name), contact.own_name.as_ref()];
        names.into_iter().flatten().any(|name| name.to_lowercase().contains(&self.lowercase))
            || self.digits.as_ref().is_some_and(|digits| contact.person.phone.contains(digits.as_str()))
    }
}

/// Call a contact by a name of one's own.
#[utoipa::path(patch, path = "/v1/contacts/{user_id}", tag = "contacts", request_body = OwnName,
    security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "The contact")), responses(
    (status = 204, description = "They go by this name for oneself, and for nobody else."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`not_a_contact`"),
    (status = 422, body = Problem, description = "`bad_name`"),
))]
async fn name(
    State(state): State<AppState>,
    login: Login,
    UrlPath(contact): UrlPath<UserId>,
    Json(OwnName { own_name }): Json<OwnName>,
) -> Result<StatusCode, Error> {
    let own_name = own_name.as_deref().map(display_name).transpose()?;
    if !contacts::set_own_name(&state.store, login.user, contact, own_name.as_deref()).await? {
        return Err(Error::NotAContact);
    }
    state.switchboard.tell(vec![login.user], Event::ContactsChanged).await;
    Ok(StatusCode::NO_CONTENT)
}

/// End a contact, for both.
#[utoipa::path(delete, path = "/v1/contacts/{user_id}", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "The contact")), responses(
    (status = 204, description = "They are contacts no more."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`not_a_contact`"),
))]
async fn remove(State(state): State<AppState>, login: Login, UrlPath(other): UrlPath<UserId>) -> Result<StatusCode, Error> {
    if !contacts::remove(&state.store, login.user, other).await? {
        return Err(Error::NotAContact);
    }
    state.switchboard.contacts_changed([login.user, other], Some(false)).await;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn is_found(text: &str) -> bool {
        let person = Person { id: UserId::from_u128(1), phone: "+79001234567".to_owned(), name: "Ёлка Иванова".to_owned() };
        Text::new(text).is_in(&Contact { person, own_name: Some("Aunt Éva 2".to_owned()), labels: Vec::new(), blocked: false })
    }

    #[test]
    fn a_contact_is_found_by_either_name_in_any_case() {
        for text in ["", "  ", "ёлка", "ИВАНОВ", " а и", "éVA", "aunt éva 2"] {
            assert!(is_found(text), "{text}");
        }
        for text in ["пётр", "ivan", "%", "_", "3 aunt"] {
            assert!(!is_found(text), "{text}");
        }
    }

    #[test]
    fn a_contact_is_found_by_digits_of_the_number_however_they_are_written() {
        for text in ["900", "+7 (900) 123-45", "34567", "2"] {
            assert!(is_found(text), "{text}");
        }
        for text in ["901", "900 a", "+", "-", "()"] {
            assert!(!is_found(text), "{text}");
        }
    }
}
