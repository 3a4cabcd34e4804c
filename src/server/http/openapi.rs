//! The description of the API (OpenAPI), gathered from the handlers, at `/v1/openapi.json`.

use std::future::Ready;

use axum::Json;
use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// What the handlers cannot say themselves.
#[derive(OpenApi)]
#[openapi(
    info(title = "Switchboard", description = "Accounts, contacts, messages, call history and what a call needs to get through. Calls themselves are made over the WebSocket `/v1/ws`."),
    modifiers(&Security),
    tags(
        (name = "accounts", description = "Registration and one's own account"),
        (name = "sessions", description = "Logging in and out"),
        (name = "contacts", description = "Finding people, becoming contacts, labels and blocks"),
        (name = "messages", description = "What contacts write and say to each other"),
        (name = "calls", description = "The history of calls, and TURN for those that are made"),
    )
)]
pub(super) struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Description) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("switchboard_session"))));
        components.add_security_scheme("bearer", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    }
}

/// A handler that serves the description.
pub(super) fn serve(document: Description) -> impl FnOnce() -> Ready<Json<Description>> + Clone + Send + Sync + 'static {
    move || std::future::ready(Json(document))
}
