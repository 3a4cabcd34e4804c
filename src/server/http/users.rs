//! Finding a person by the exact number.

#![expect(unused_qualifications, reason = "the macro that describes query parameters writes them")]

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::accounts::Account;
use super::address::ClientAddress;
use super::auth::Login;
use super::extract::UrlQuery;
use super::limits;
use super::phone::Phone;
use super::problem::{Error, Problem};
use crate::store::{accounts, invitations};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(find))
}

/// Whom to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The number in international form; `+` is `%2B` in a query.
    #[param(example = "+79001234567")]
    phone: String,
}

/// A person that was found.
#[derive(Serialize, ToSchema)]
struct FoundUser {
    /// The person.
    #[serde(flatten)]
    user: Account,
    /// How the person stands to the one who asks.
    relation: Relation,
}

/// How a person stands to the one who asks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Relation {
    /// Strangers.
    None,
    /// It is oneself.
    #[serde(rename = "self")]
    Oneself,
    /// A contact.
    Contact,
    /// Was invited and has not answered.
    Invited,
    /// Has invited the one who asks.
    InvitedYou,
}

impl From<invitations::Relation> for Relation {
    fn from(relation: invitations::Relation) -> Self {
        match relation {
            invitations::Relation::None => Self::None,
            invitations::Relation::Contact => Self::Contact,
            invitations::Relation::Invited => Self::Invited,
            invitations::Relation::InvitedYou => Self::InvitedYou,
        }
    }
}

/// Find a person by the exact number.
#[utoipa::path(get, path = "/v1/users", tag = "contacts", params(Wanted), security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = FoundUser),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`unknown_number`"),
    (status = 422, body = Problem, description = "`malformed_phone`"),
    (status = 429, body = Problem, description = "`too_many_requests`"),
))]
async fn find(
    State(state): State<AppState>,
    login: Login,
    ClientAddress(address): ClientAddress,
    UrlQuery(wanted): UrlQuery<Wanted>,
) -> Result<axum::Json<FoundUser>, Error> {
    let phone = Phone::parse(&wanted.phone)?;
    state.limits.searches.check(address, limits::Account::User(login.user))?;
    let person = accounts::by_phone(&state.store, phone.as_str()).await?.ok_or(Error::UnknownNumber)?;
    let relation =
        if person.id == login.user { Relation::Oneself } else { invitations::relation(&state.store, login.user, person.id).await?.into() };
    Ok(axum::Json(FoundUser { user: person.into(), relation }))
}
