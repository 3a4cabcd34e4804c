//! Labels: groups of contacts that a person makes for themselves.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_ids::{LabelId, UserId};
use switchboard_protocol::Event;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::auth::Login;
use super::extract::{Json, UrlPath};
use super::problem::{Error, Problem};
use crate::clock::now_ms;
use crate::store::labels::{self, Label, LabelError};

/// A label is shown on a small button.
const MAX_NAME: usize = 50;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(rename, delete)).routes(routes!(put_on, take_off))
}

/// A label.
#[derive(Serialize, ToSchema)]
pub(super) struct LabelView {
    /// The label.
    #[schema(value_type = String, format = "uuid")]
    id: LabelId,
    /// Its name.
    name: String,
}

impl LabelView {
    /// What labels are listed by.
    pub(super) fn sort_key(&self) -> String {
        self.name.to_lowercase()
    }
}

impl From<Label> for LabelView {
    fn from(Label { id, name }: Label) -> Self {
        Self { id, name }
    }
}

/// The name of a label.
#[derive(Deserialize, ToSchema)]
struct LabelName {
    /// 1 to 50 characters; another than that of one's other labels.
    name: String,
}

impl From<LabelError> for Error {
    fn from(error: LabelError) -> Self {
        match error {
            LabelError::NameTaken => Self::LabelExists,
            LabelError::TooMany => Self::TooManyLabels,
            LabelError::NoSuchLabel => Self::NoSuchLabel,
            LabelError::NotAContact => Self::NotAContact,
            LabelError::Store(error) => error.into(),
        }
    }
}

/// Make a label.
#[utoipa::path(post, path = "/v1/labels", tag = "contacts", request_body = LabelName, security(("cookie" = []), ("bearer" = [])), responses(
    (status = 201, body = LabelView),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 409, body = Problem, description = "`label_exists`, `too_many_labels`"),
    (status = 422, body = Problem, description = "`bad_label`"),
))]
async fn create(
    State(state): State<AppState>,
    login: Login,
    Json(label): Json<LabelName>,
) -> Result<(StatusCode, axum::Json<LabelView>), Error> {
    let label = labels::create(&state.store, login.user, &label_name(&label.name)?, now_ms()).await?;
    tell(&state, login.user).await;
    Ok((StatusCode::CREATED, axum::Json(label.into())))
}

/// Rename a label.
#[utoipa::path(patch, path = "/v1/labels/{label_id}", tag = "contacts", request_body = LabelName,
    security(("cookie" = []), ("bearer" = [])),
    params(("label_id" = String, Path, format = "uuid", description = "One of one's own labels")), responses(
    (status = 204, description = "It has this name."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_label`"),
    (status = 409, body = Problem, description = "`label_exists`"),
    (status = 422, body = Problem, description = "`bad_label`"),
))]
async fn rename(
    State(state): State<AppState>,
    login: Login,
    UrlPath(id): UrlPath<LabelId>,
    Json(label): Json<LabelName>,
) -> Result<StatusCode, Error> {
    labels::rename(&state.store, login.user, id, &label_name(&label.name)?).await?;
    tell(&state, login.user).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete a label; the contacts that carried it stay.
#[utoipa::path(delete, path = "/v1/labels/{label_id}", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("label_id" = String, Path, format = "uuid", description = "One of one's own labels")), responses(
    (status = 204, description = "It is gone."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_label`"),
))]
async fn delete(State(state): State<AppState>, login: Login, UrlPath(id): UrlPath<LabelId>) -> Result<StatusCode, Error> {
    if !labels::delete(&state.store, login.user, id).await? {
        return Err(Error::NoSuchLabel);
    }
    tell(&state, login.user).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a contact a label.
#[utoipa::path(put, path = "/v1/contacts/{user_id}/labels/{label_id}", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "The contact"),
        ("label_id" = String, Path, format = "uuid", description = "One of one's own labels")), responses(
    (status = 204, description = "The contact carries the label."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`not_a_contact`, `no_such_label`"),
))]
async fn put_on(state: State<AppState>, login: Login, path: UrlPath<(UserId, LabelId)>) -> Result<StatusCode, Error> {
    set(state, login, path, true).await
}

/// Take a label off a contact.
#[utoipa::path(delete, path = "/v1/contacts/{user_id}/labels/{label_id}", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "The contact"),
        ("label_id" = String, Path, format = "uuid", description = "One of one's own labels")), responses(
    (status = 204, description = "The contact does not carry the label."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`not_a_contact`, `no_such_label`"),
))]
async fn take_off(state: State<AppState>, login: Login, path: UrlPath<(UserId, LabelId)>) -> Result<StatusCode, Error> {
    set(state, login, path, false).await
}

async fn set(
    State(state): State<AppState>,
    login: Login,
    UrlPath((contact, label)): UrlPath<(UserId, LabelId)>,
    carries: bool,
) -> Result<StatusCode, Error> {
    if labels::set(&state.store, login.user, contact, label, carries).await? {
        tell(&state, login.user).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn tell(state: &AppState, me: UserId) {
    state.switchboard.tell(vec![me], Event::ContactsChanged).await;
}

fn label_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(Error::BadLabel) }
}
