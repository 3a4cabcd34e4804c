//! A person with an account, who sends requests.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use switchboard_ids::UserId;

use super::Answer;

/// Numbers are unique in this process, so that two people of a test never share one.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A number that nobody has used.
pub fn unused_phone() -> String {
    format!("+7900{:07}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A person with an account, logged in by a Bearer token.
pub struct TestUser {
    pub id: UserId,
    pub name: String,
    pub phone: String,
    pub password: String,
    pub token: String,
    /// Where the server is.
    pub url: String,
    http: reqwest::Client,
}

impl TestUser {
    pub(super) async fn register(url: &str, name: &str) -> Self {
        let (phone, password) = (unused_phone(), "correct horse".to_owned());
        let http = reqwest::Client::new();
        let body = json!({"phone": phone, "password": password, "name": name, "session": "bearer"});
        let account = Answer::of(http.post(format!("{url}/v1/accounts")).json(&body)).await.expect(201);
        let (id, token) = (account["user"]["id"].as_str().unwrap().parse().unwrap(), account["token"].as_str().unwrap().to_owned());
        Self { id, name: name.to_owned(), phone, password, token, url: url.to_owned(), http }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        Answer::of(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Invites whoever has this number.
    pub async fn invites(&self, phone: &str) -> Answer {
        self.send(Method::POST, "/v1/invitations", Some(json!({"phone": phone}))).await
    }

    /// Looks for whoever has this number.
    pub async fn searches(&self, phone: &str) -> Answer {
        self.get(&format!("/v1/users?phone={}", phone.replace('+', "%2B").replace(' ', "%20"))).await
    }

    /// Invites another, who accepts.
    pub async fn befriends(&self, other: &TestUser) {
        self.invites(&other.phone).await.expect(201);
        other.post(&format!("/v1/invitations/{}/accept", self.id)).await.expect(204);
    }

    /// The names of contacts, of those who invited this person, and of those this person invited.
    pub async fn people(&self) -> [Vec<String>; 3] {
        let lists = self.get("/v1/contacts").await.expect(200);
        ["contacts", "incoming", "outgoing"].map(|list| {
            let people = lists[list].as_array().unwrap().iter();
            people.map(|person| person["name"].as_str().unwrap().to_owned()).collect()
        })
    }

    /// The account as the API shows it.
    pub fn account(&self) -> Value {
        json!({"id": self.id, "phone": self.phone, "name": self.name})
    }
}
