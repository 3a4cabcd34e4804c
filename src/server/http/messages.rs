//! Conversations between contacts: reading them, and writing.

#![expect(unused_qualifications, reason = "the macro that describes query parameters writes them")]

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_ids::{ClipId, MessageId, UserId};
use switchboard_protocol::{Event, Message, MessageBody};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::AppState;
use super::address::ClientAddress;
use super::auth::Login;
use super::extract::{Json, UrlPath, UrlQuery};
use super::limits;
use super::people::PersonView;
use super::problem::{Error, Problem};
use crate::clock::now_ms;
use crate::store::messages::{self, Content, Conversation, Read, SendError, Sent};

/// Characters, as people count them. Several pages: longer is not a message but a document.
const MAX_TEXT: usize = 4_000;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(conversations)).routes(routes!(list, write)).routes(routes!(read))
}

/// A message of a conversation; the event `message` carries the same.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageView {
    /// The message. Ids of a conversation grow with time.
    #[schema(value_type = String, format = "uuid")]
    id: MessageId,
    /// Who sent it.
    #[schema(value_type = String, format = "uuid")]
    from: UserId,
    /// To whom.
    #[schema(value_type = String, format = "uuid")]
    to: UserId,
    /// When, UTC ms.
    sent_ms: i64,
    /// What it says.
    body: BodyView,
}

/// What a message says.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BodyView {
    /// Text, to be shown as it is: nothing in it is markup.
    Text {
        /// 1 to 4,000 characters.
        text: String,
    },
    /// A voice clip, at `/v1/clips/{clip}`.
    Clip {
        /// The clip.
        #[schema(value_type = String, format = "uuid")]
        clip: ClipId,
        /// How long it plays, milliseconds.
        duration_ms: u64,
        /// Its size.
        bytes: u64,
    },
}

impl From<Message> for MessageView {
    fn from(Message { id, from, to, sent_ms, body }: Message) -> Self {
        let body = match body {
            MessageBody::Text { text } => BodyView::Text { text },
            MessageBody::Clip { clip, duration_ms, bytes } => BodyView::Clip { clip, duration_ms, bytes },
        };
        Self { id, from, to, sent_ms, body }
    }
}

/// One's conversations.
#[derive(Serialize, ToSchema)]
struct Conversations {
    /// The one with the latest message first.
    conversations: Vec<ConversationView>,
}

/// A conversation with one person.
#[derive(Serialize, ToSchema)]
struct ConversationView {
    /// With whom.
    with: PersonView,
    /// The latest message.
    last: MessageView,
    /// How many messages of the other came after the last one that was read.
    unread: i64,
}

impl From<Conversation> for ConversationView {
    fn from(Conversation { with, last, unread }: Conversation) -> Self {
        Self { with: with.into(), last: last.into(), unread }
    }
}

/// Which part of a conversation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Messages before this one of the conversation; the latest when absent.
    #[param(value_type = Option<String>)]
    before: Option<MessageId>,
    /// At most this many: 50 when absent, never more than 200.
    limit: Option<u32>,
}

/// A part of a conversation.
#[derive(Serialize, ToSchema)]
struct Messages {
    /// The latest first.
    messages: Vec<MessageView>,
    /// Whether there are earlier ones.
    more: bool,
}

/// What to write.
#[derive(Deserialize, ToSchema)]
struct NewText {
    /// Names this message among those one sends to this person: sent again with the same key, it is the same message.
    #[schema(value_type = String, format = "uuid")]
    key: Uuid,
    /// 1 to 4,000 characters without those around it that are not seen; no control characters but line breaks and tabs.
    text: String,
}

/// How far one has read.
#[derive(Deserialize, ToSchema)]
struct UpTo {
    /// The last message that was read.
    #[schema(value_type = String, format = "uuid")]
    up_to: MessageId,
}

/// One's conversations, with people who are contacts no more too.
#[utoipa::path(get, path = "/v1/conversations", tag = "messages", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = Conversations),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn conversations(State(state): State<AppState>, login: Login) -> Result<axum::Json<Conversations>, Error> {
    let conversations = messages::conversations(&state.store, login.user).await?;
    Ok(axum::Json(Conversations { conversations: conversations.into_iter().map(ConversationView::from).collect() }))
}

/// A part of the conversation with somebody; empty where nothing was ever said.
#[utoipa::path(get, path = "/v1/conversations/{user_id}/messages", tag = "messages", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "With whom"), Page), responses(
    (status = 200, body = Messages),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_message`: `before` is none of this conversation"),
))]
async fn list(
    State(state): State<AppState>,
    login: Login,
    UrlPath(with): UrlPath<UserId>,
    UrlQuery(page): UrlQuery<Page>,
) -> Result<axum::Json<Messages>, Error> {
    if let Some(before) = page.before
        && !messages::is_in(&state.store, login.user, with, before).await?
    {
        return Err(Error::NoSuchMessage);
    }
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    // One more than asked for tells whether there are more.
    let mut found = messages::of(&state.store, login.user, with, page.before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    Ok(axum::Json(Messages { messages: found.into_iter().map(MessageView::from).collect(), more }))
}

/// Write to a contact.
#[utoipa::path(post, path = "/v1/conversations/{user_id}/messages", tag = "messages", request_body = NewText,
    security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "To whom")), responses(
    (status = 201, body = MessageView, description = "It is sent; the same one when the key was used before."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`not_a_contact`"),
    (status = 409, body = Problem, description = "`blocked`: by oneself"),
    (status = 413, body = Problem, description = "`too_large`"),
    (status = 422, body = Problem, description = "`bad_text`"),
    (status = 429, body = Problem, description = "`too_many_requests`"),
))]
async fn write(
    State(state): State<AppState>,
    login: Login,
    ClientAddress(address): ClientAddress,
    UrlPath(to): UrlPath<UserId>,
    Json(new): Json<NewText>,
) -> Result<(StatusCode, axum::Json<MessageView>), Error> {
    let content = Content::Text(text(&new.text)?);
    state.limits.messages.check(address, limits::Account::User(login.user))?;
    let sending = send(state, login.user, to, new.key, content);
    // Whoever asked may hang up: what is stored is told nevertheless.
    let message = tokio::spawn(sending).await.map_err(Error::internal)??;
    Ok((StatusCode::CREATED, axum::Json(message.into())))
}

/// Note how far one has read a conversation.
#[utoipa::path(post, path = "/v1/conversations/{user_id}/read", tag = "messages", request_body = UpTo,
    security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "With whom")), responses(
    (status = 204, description = "It is read that far, or was further."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_message`"),
))]
async fn read(
    State(state): State<AppState>,
    login: Login,
    UrlPath(with): UrlPath<UserId>,
    Json(UpTo { up_to }): Json<UpTo>,
) -> Result<StatusCode, Error> {
    match messages::read(&state.store, login.user, with, up_to).await? {
        Read::NoSuchMessage => return Err(Error::NoSuchMessage),
        Read::Before => {}
        Read::Further => state.switchboard.tell(vec![login.user], Event::ConversationRead { with, up_to }).await,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Stores a message and tells the devices of those who see it.
pub(super) async fn send(state: AppState, from: UserId, to: UserId, key: Uuid, content: Content) -> Result<Message, Error> {
    match messages::send(&state.store, from, to, key, &content, now_ms()).await? {
        Sent::Before(message) => Ok(message),
        Sent::New { message, reaches } => {
            let who = if reaches { vec![to, from] } else { vec![from] };
            state.switchboard.tell(who, Event::Message { message: message.clone() }).await;
            Ok(message)
        }
    }
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NotAContact => Self::NotAContact,
            SendError::Blocked => Self::Blocked,
            SendError::Store(error) => error.into(),
        }
    }
}

/// Text that may be sent: nothing is taken from it but what surrounds it, and line breaks are one character on every system.
fn text(text: &str) -> Result<String, Error> {
    let text = text.trim().replace("\r\n", "\n");
    let fits = (1..=MAX_TEXT).contains(&text.chars().count());
    let is_shown = text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    if fits && is_shown { Ok(text) } else { Err(Error::BadText) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn text_is_kept_as_it_is_but_for_what_surrounds_it() {
        assert_eq!(text(" \n <b>Привет</b>\r\n\t& пока \n").unwrap(), "<b>Привет</b>\n\t& пока");
        assert_eq!(text(&"я".repeat(4000)).unwrap().chars().count(), 4000);
        for wrong in ["", " \n\t ", "a\u{0}b", "a\u{1b}[31m", "a\u{7f}", "a\u{85}b", "a\rb", &"я".repeat(4001)] {
            assert!(matches!(text(wrong), Err(Error::BadText)), "{wrong:?}");
        }
    }
}
