//! A person with an account, who sends requests.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use switchboard::store::{Store, accounts, sessions};
use switchboard_ids::{ClipId, MessageId, UserId};
use switchboard_protocol::{Message, MessageBody};
use uuid::Uuid;

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
    /// Makes an account on the server at `url`.
    pub async fn register(url: &str, name: &str) -> Self {
        let (phone, password) = (unused_phone(), "correct horse".to_owned());
        let http = reqwest::Client::new();
        let body = json!({"phone": phone, "password": password, "name": name, "session": "bearer"});
        let account = Answer::of(http.post(format!("{url}/v1/accounts")).json(&body)).await.expect(201);
        let (id, token) = (account["user"]["id"].as_str().unwrap().parse().unwrap(), account["token"].as_str().unwrap().to_owned());
        Self { id, name: name.to_owned(), phone, password, token, url: url.to_owned(), http }
    }

    /// A person with an account that was made behind the API's back, without a password: making one takes a while, which adds
    /// up where there are many.
    pub async fn made(url: &str, store: &Store, name: String) -> Self {
        let phone = unused_phone();
        let id = accounts::create(store, &phone, &name, "", 1).await.unwrap().id;
        let token = hex(phone.as_bytes());
        sessions::create(store, id, &hex(token.as_bytes()), "test", 1, i64::MAX).await.unwrap();
        Self { id, name, phone, password: String::new(), token, url: url.to_owned(), http: reqwest::Client::new() }
    }

    /// Goes to the server that runs at this address from here on.
    pub fn moves_to(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
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

    pub async fn put(&self, path: &str) -> Answer {
        self.send(Method::PUT, path, None).await
    }

    /// PATCHes with JSON.
    pub async fn changes(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// POSTs JSON.
    pub async fn posts(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// The same person by another login, of a client that calls itself so.
    pub async fn logs_in_with(&self, user_agent: &str) -> Self {
        let request = self.http.post(format!("{}/v1/sessions", self.url)).header("user-agent", user_agent);
        let body = json!({"phone": self.phone, "password": self.password, "session": "bearer"});
        let login = Answer::of(request.json(&body)).await.expect(201);
        let token = login["token"].as_str().unwrap().to_owned();
        let (name, phone, password, url) = (self.name.clone(), self.phone.clone(), self.password.clone(), self.url.clone());
        Self { id: self.id, name, phone, password, token, url, http: self.http.clone() }
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

    /// Makes a label; gives its id.
    pub async fn makes_label(&self, name: &str) -> String {
        let label = self.posts("/v1/labels", json!({"name": name})).await.expect(201);
        assert_eq!(label["name"], name.trim());
        label["id"].as_str().unwrap().to_owned()
    }

    pub async fn blocks(&self, other: &TestUser) {
        self.put(&format!("/v1/blocks/{}", other.id)).await.expect(204);
    }

    pub async fn unblocks(&self, other: &TestUser) {
        self.delete(&format!("/v1/blocks/{}", other.id)).await.expect(204);
    }

    /// Tries to write to another, with a key that was not used before.
    pub async fn tries_to_write(&self, to: &TestUser, text: &str) -> Answer {
        self.writes_with_key(to, Uuid::now_v7(), text).await
    }

    pub async fn writes_with_key(&self, to: &TestUser, key: Uuid, text: &str) -> Answer {
        self.posts(&format!("/v1/conversations/{}/messages", to.id), json!({"key": key, "text": text})).await
    }

    /// Writes to a contact; gives the message.
    pub async fn writes(&self, to: &TestUser, text: &str) -> Message {
        serde_json::from_value(self.tries_to_write(to, text).await.expect(201)).unwrap()
    }

    /// Tries to send a voice clip, with a key that was not used before.
    pub async fn tries_to_say(&self, to: &TestUser, clip: &[u8]) -> Answer {
        self.says_with_key(to, Uuid::now_v7(), clip).await
    }

    pub async fn says_with_key(&self, to: &TestUser, key: Uuid, clip: &[u8]) -> Answer {
        let path = format!("/v1/conversations/{}/clips?key={key}", to.id);
        Answer::of(self.request(Method::POST, &path).body(clip.to_vec())).await
    }

    /// Sends a voice clip to a contact; gives the message and its clip.
    pub async fn says(&self, to: &TestUser, clip: &[u8]) -> (Message, ClipId) {
        let message: Message = serde_json::from_value(self.tries_to_say(to, clip).await.expect(201)).unwrap();
        let MessageBody::Clip { clip, .. } = message.body else { panic!("{message:?} has a clip") };
        (message, clip)
    }

    /// Asks for a clip.
    pub fn hears(&self, clip: ClipId) -> RequestBuilder {
        self.request(Method::GET, &format!("/v1/clips/{clip}"))
    }

    /// A request of this person.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// What this person sees of the conversation with another, the latest first.
    pub async fn conversation(&self, with: &TestUser) -> Vec<Message> {
        let page = self.get(&format!("/v1/conversations/{}/messages?limit=200", with.id)).await.expect(200);
        assert_eq!(page["more"], false);
        serde_json::from_value(page["messages"].clone()).unwrap()
    }

    /// This person's conversations: with whom, the latest message, how many are unread.
    pub async fn conversations(&self) -> Vec<(UserId, Message, u64)> {
        let found = self.get("/v1/conversations").await.expect(200);
        let line = |line: &Value| {
            let with = line["with"]["id"].as_str().unwrap().parse().unwrap();
            (with, serde_json::from_value(line["last"].clone()).unwrap(), line["unread"].as_u64().unwrap())
        };
        found["conversations"].as_array().unwrap().iter().map(line).collect()
    }

    pub async fn reads(&self, with: &TestUser, up_to: MessageId) -> Answer {
        self.posts(&format!("/v1/conversations/{}/read", with.id), json!({"up_to": up_to})).await
    }

    /// The account as the API shows it.
    pub fn account(&self) -> Value {
        json!({"id": self.id, "phone": self.phone, "name": self.name})
    }
}

/// SHA-256, as the server keeps tokens.
fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
