//! The REST API as a client sees it: accounts and contacts.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_ids::UserId;
use thiserror::Error;

use super::phone;

/// How often registration is tried again because the random number was taken.
const NUMBERS_TRIED: u32 = 8;

/// How long an idle connection is kept. Short, so that soon after the last request a server holds none of them.
const IDLE_CONNECTION: Duration = Duration::from_secs(2);

/// Why a request to the API failed.
#[derive(Debug, Error)]
pub(crate) enum ApiError {
    /// There was no answer, or none that is HTTP.
    #[error("{url} cannot be reached")]
    Unreachable {
        /// The server.
        url: Url,
        /// Why.
        source: reqwest::Error,
    },
    /// The server makes no accounts, or no more of them.
    #[error("{url} refuses registration: {status} {detail}; a server for load tests is started with --no-limits")]
    NoRegistration {
        /// The server.
        url: Url,
        /// HTTP status.
        status: StatusCode,
        /// What the problem document says, its code first.
        detail: String,
    },
    /// The server does not know what is asked of it.
    #[error("{url} is too old for this load tester, or no Switchboard: it has no {path}")]
    TooOld {
        /// The server.
        url: Url,
        /// Of the request.
        path: String,
    },
    /// The server refused.
    #[error("{method} {path} was refused: {status} {detail}")]
    Refused {
        /// Of the request.
        method: Method,
        /// Of the request.
        path: String,
        /// HTTP status.
        status: StatusCode,
        /// What the problem document says, its code first.
        detail: String,
    },
    /// The answer is not what the API promises.
    #[error("{path} was answered with something else than promised")]
    Unexpected {
        /// Of the request.
        path: String,
        /// What is wrong with it.
        source: reqwest::Error,
    },
    /// The client itself could not be set up.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// The API of one server.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    client: Client,
    base: Url,
}

/// An account, logged in.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) phone: String,
    pub(crate) token: String,
}

#[derive(Deserialize)]
struct Registered {
    user: RegisteredUser,
    token: String,
}

#[derive(Deserialize)]
struct RegisteredUser {
    id: UserId,
    phone: String,
}

/// RFC 9457, as far as it is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: String,
    title: String,
    detail: String,
}

impl Api {
    pub(crate) fn new(base: Url, insecure: bool) -> Result<Self, ApiError> {
        // Nothing is sent but to the address given: not by a proxy, and not to where a server points.
        let client = Client::builder()
            .danger_accept_invalid_certs(insecure)
            .redirect(Policy::none())
            .no_proxy()
            .pool_idle_timeout(IDLE_CONNECTION)
            .build()
            .map_err(ApiError::Client)?;
        Ok(Self { client, base })
    }

    /// Registers an account under a random number.
    pub(crate) async fn register(&self, name: &str) -> Result<Account, ApiError> {
        let mut tried = 1;
        loop {
            let body = json!({ "phone": phone::random(), "password": password(), "name": name, "session": "bearer" });
            match self.send(Method::POST, "v1/accounts", None, Some(&body)).await {
                Err(ApiError::Refused { status: StatusCode::CONFLICT, .. }) if tried < NUMBERS_TRIED => tried += 1,
                Err(ApiError::Refused { status: status @ (StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS), detail, .. }) => {
                    return Err(ApiError::NoRegistration { url: self.base.clone(), status, detail });
                }
                answer => {
                    let Registered { user, token } = parse("v1/accounts", answer?).await?;
                    return Ok(Account { id: user.id, phone: user.phone, token });
                }
            }
        }
    }

    /// Makes two accounts contacts of each other: the first invites, the second accepts.
    pub(crate) async fn befriend(&self, inviting: &Account, invited: &Account) -> Result<(), ApiError> {
        let body = json!({ "phone": invited.phone });
        self.send(Method::POST, "v1/invitations", Some(inviting), Some(&body)).await?;
        self.send(Method::POST, &format!("v1/invitations/{}/accept", inviting.id), Some(invited), None).await?;
        Ok(())
    }

    async fn send(&self, method: Method, path: &str, account: Option<&Account>, body: Option<&Value>) -> Result<Response, ApiError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        let mut request = self.client.request(method.clone(), url);
        if let Some(account) = account {
            request = request.bearer_auth(&account.token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let sent = request.send().await;
        let response = sent.map_err(|source| ApiError::Unreachable { url: self.base.clone(), source: source.without_url() })?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let problem: Problem = response.json().await.unwrap_or_default();
        // A server that knows the path names what is wrong by a code.
        let unknown = problem.code.is_empty() || problem.code == "not_found" || problem.code == "method_not_allowed";
        if unknown && matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED) {
            return Err(ApiError::TooOld { url: self.base.clone(), path: path.to_owned() });
        }
        let words = [problem.code, problem.title, problem.detail];
        let detail = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        Err(ApiError::Refused { method, path: path.to_owned(), status, detail })
    }
}

async fn parse<T: for<'de> Deserialize<'de>>(path: &str, response: Response) -> Result<T, ApiError> {
    let parsed = response.json().await;
    parsed.map_err(|source| ApiError::Unexpected { path: path.to_owned(), source: source.without_url() })
}

fn password() -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(24).collect()
}
