//! An authority that gives certificates (ACME, RFC 8555): it checks what it is asked by, connects to the server to see that a name leads
//! there (RFC 8737), and signs.

mod looks;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use axum::extract::{Path as Of, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_server::tls_rustls::RustlsConfig;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData, SignatureAlgorithm, date_time_ymd};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use x509_cert::der::{Decode, Encode};
use x509_cert::request::CertReq;

/// The authority. It stops when it is dropped.
pub struct Authority {
    url: String,
    root: PathBuf,
    pub root_pem: Vec<u8>,
    desk: Arc<Desk>,
    running: JoinHandle<()>,
}

struct Desk {
    url: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
    state: Mutex<Files>,
    /// The port of every name.
    port: watch::Sender<Option<u16>>,
}

#[derive(Default)]
struct Files {
    nonces: BTreeSet<String>,
    /// The public keys of accounts, as JWKs.
    accounts: Vec<Value>,
    orders: Vec<Order>,
    /// How long certificates are good for; the last one for all that come.
    lifetimes: Vec<Duration>,
    faults: Vec<String>,
}

struct Order {
    /// Each with what was found of it.
    names: Vec<(String, Option<Result<(), String>>)>,
    account: usize,
    chain: Option<String>,
}

impl Authority {
    /// One whose certificates are good for so long, the last for all that come; its root is kept in `folder`.
    pub async fn start(folder: &Path, lifetimes: &[Duration]) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let root_pem = issuer.pem();
        let root = folder.join("root.pem");
        std::fs::write(&root, &root_pem).unwrap();
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let tls = RustlsConfig::from_pem(own.pem().into_bytes(), key.serialize_pem().into_bytes()).await.unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let state = Mutex::new(Files { lifetimes: lifetimes.iter().rev().copied().collect(), ..Files::default() });
        let desk = Arc::new(Desk { url: url.clone(), issuer, state, port: watch::Sender::default() });
        let routes = Router::new()
            .route("/directory", get(directory))
            .route("/nonce", get(nonce))
            .route("/{what}", post(asked_anew))
            .route("/{what}/{order}/{which}", post(asked))
            .with_state(desk.clone());
        let server = axum_server::from_tcp_rustls(listener, tls).unwrap().serve(routes.into_make_service());
        let running = tokio::spawn(async { server.await.unwrap() });
        Self { url, root, root_pem: root_pem.into_bytes(), desk, running }
    }

    /// The flags of a server that asks it for this name.
    pub fn flags(&self, name: &str) -> Vec<String> {
        let root = self.root.to_str().unwrap();
        let directory = format!("{}/directory", self.url);
        ["--acme-domain", name, "--acme-directory", &directory, "--acme-root", root, "--acme-contact", "ops@example.org"]
            .map(str::to_owned)
            .into()
    }

    /// Where it looks for every name: it waits until it is told.
    pub fn looks_at(&self, port: u16) {
        self.desk.port.send_replace(Some(port));
    }

    /// Accounts made and orders taken.
    pub fn counted(&self) -> (usize, usize) {
        let files = self.desk.state.lock().unwrap();
        (files.accounts.len(), files.orders.len())
    }

    /// What was asked of it in a way that it should not have been.
    pub fn faults(&self) -> Vec<String> {
        self.desk.state.lock().unwrap().faults.clone()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// What was asked, by whom, as far as it is in order.
struct Asked {
    account: Option<usize>,
    jwk: Option<Value>,
    payload: Value,
}

async fn directory(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let at = |what: &str| format!("{}/{what}", desk.url);
    Json(
        json!({ "newNonce": at("nonce"), "newAccount": at("account"), "newOrder": at("order"), "revokeCert": at("revoke"), "keyChange": at("key") }),
    )
}

async fn nonce(State(desk): State<Arc<Desk>>) -> Response {
    desk.with_nonce(StatusCode::OK.into_response())
}

async fn asked_anew(State(desk): State<Arc<Desk>>, Of(what): Of<String>, Json(body): Json<Value>) -> Response {
    let answer = match desk.check(&body, &format!("{}/{what}", desk.url)) {
        Err(fault) => desk.refuse(fault),
        Ok(asked) => match what.as_str() {
            "account" => desk.account(asked),
            "order" => desk.order(asked),
            _ => StatusCode::NOT_FOUND.into_response(),
        },
    };
    desk.with_nonce(answer)
}

async fn asked(State(desk): State<Arc<Desk>>, Of((what, order, which)): Of<(String, usize, usize)>, Json(body): Json<Value>) -> Response {
    let answer = match desk.check(&body, &format!("{}/{what}/{order}/{which}", desk.url)) {
        Err(fault) => desk.refuse(fault),
        Ok(asked) => match what.as_str() {
            "order" => Json(desk.order_state(order)).into_response(),
            "authorization" => Json(desk.authorization(order, which)).into_response(),
            "challenge" => {
                tokio::spawn(look(desk.clone(), order, which));
                Json(desk.challenge(order, which)).into_response()
            }
            "finalize" => desk.finalize(order, &asked.payload),
            "certificate" => desk.state.lock().unwrap().orders[order].chain.clone().unwrap_or_default().into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        },
    };
    desk.with_nonce(answer)
}

async fn look(desk: Arc<Desk>, order: usize, which: usize) {
    let port = desk.port.subscribe().wait_for(Option::is_some).await.unwrap().unwrap();
    let (name, proof) = {
        let files = desk.state.lock().unwrap();
        let order = &files.orders[order];
        (order.names[which].0.clone(), format!("{}.{}", token(which), thumbprint(&files.accounts[order.account])))
    };
    let found = tokio::task::spawn_blocking(move || looks::at(&name, port, &Sha256::digest(proof))).await.unwrap();
    desk.state.lock().unwrap().orders[order].names[which].1 = Some(found);
}

impl Desk {
    /// Checks the signature, the nonce and the place of a request (RFC 8555 §6).
    fn check(&self, body: &Value, url: &str) -> Result<Asked, String> {
        let part = |name: &str| body[name].as_str().ok_or(format!("no {name}"));
        let read = |text: &str| BASE64.decode(text).map_err(|error| error.to_string());
        let (protected, payload, signature) = (part("protected")?, part("payload")?, read(part("signature")?)?);
        let header: Value = serde_json::from_slice(&read(protected)?).map_err(|error| error.to_string())?;
        let mut files = self.state.lock().unwrap();
        if !files.nonces.remove(header["nonce"].as_str().unwrap_or_default()) {
            return Err("a nonce that was not given, or twice".to_owned());
        }
        if header["alg"] != "ES256" || header["url"] != url {
            return Err(format!("asked at {url}: {header}"));
        }
        let place = |id: &str| id.strip_prefix(&format!("{}/account/", self.url))?.parse::<usize>().ok();
        let account = header["kid"].as_str().and_then(place);
        let jwk = account.map_or_else(|| header["jwk"].clone(), |account| files.accounts[account].clone());
        let coordinate = |name: &str| read(jwk[name].as_str().unwrap_or_default());
        let key = [&[4_u8][..], &coordinate("x")?, &coordinate("y")?].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
            .verify(format!("{protected}.{payload}").as_bytes(), &signature)
            .map_err(|_| "a signature that is not right".to_owned())?;
        let payload = if payload.is_empty() { Value::Null } else { serde_json::from_slice(&read(payload)?).unwrap_or_default() };
        Ok(Asked { account, jwk: account.is_none().then_some(jwk), payload })
    }

    fn account(&self, asked: Asked) -> Response {
        let (Some(jwk), true) = (asked.jwk, asked.payload["termsOfServiceAgreed"] == true) else {
            return self.refuse("an account without a key, or without agreeing".to_owned());
        };
        if asked.payload["contact"] != json!(["mailto:ops@example.org"]) {
            return self.refuse(format!("a contact {}", asked.payload["contact"]));
        }
        let mut files = self.state.lock().unwrap();
        files.accounts.push(jwk);
        let place = format!("{}/account/{}", self.url, files.accounts.len() - 1);
        (StatusCode::CREATED, [("Location", place)], Json(json!({ "status": "valid" }))).into_response()
    }

    fn order(&self, asked: Asked) -> Response {
        let Some(account) = asked.account else { return self.refuse("an order of nobody".to_owned()) };
        let names = asked.payload["identifiers"].as_array().into_iter().flatten();
        let names = names.filter(|name| name["type"] == "dns").map(|name| (name["value"].as_str().unwrap().to_owned(), None)).collect();
        let place = {
            let mut files = self.state.lock().unwrap();
            files.orders.push(Order { names, account, chain: None });
            files.orders.len() - 1
        };
        (StatusCode::CREATED, [("Location", format!("{}/order/{place}/0", self.url))], Json(self.order_state(place))).into_response()
    }

    fn order_state(&self, place: usize) -> Value {
        let files = self.state.lock().unwrap();
        let order = &files.orders[place];
        let found = |wanted: fn(&Option<Result<(), String>>) -> bool| {
            order.names.iter().map(|(_, found)| found).filter(|found| wanted(found)).count()
        };
        let status = match (found(|found| matches!(found, Some(Ok(())))), found(|found| matches!(found, Some(Err(_))))) {
            _ if order.chain.is_some() => "valid",
            (_, 1..) => "invalid",
            (good, 0) if good == order.names.len() => "ready",
            _ => "pending",
        };
        let at = |what: &str, which: usize| format!("{}/{what}/{place}/{which}", self.url);
        let authorizations: Vec<String> = (0..order.names.len()).map(|which| at("authorization", which)).collect();
        let identifiers: Vec<Value> = order.names.iter().map(|(name, _)| json!({ "type": "dns", "value": name })).collect();
        let mut state =
            json!({ "status": status, "authorizations": authorizations, "identifiers": identifiers, "finalize": at("finalize", 0) });
        if order.chain.is_some() {
            state["certificate"] = at("certificate", 0).into();
        }
        state
    }

    fn authorization(&self, place: usize, which: usize) -> Value {
        let challenge = self.challenge(place, which);
        let name = self.state.lock().unwrap().orders[place].names[which].0.clone();
        json!({ "status": challenge["status"], "identifier": { "type": "dns", "value": name }, "challenges": [challenge] })
    }

    fn challenge(&self, place: usize, which: usize) -> Value {
        let files = self.state.lock().unwrap();
        let mut challenge = json!({ "type": "tls-alpn-01", "url": format!("{}/challenge/{place}/{which}", self.url), "token": token(which), "status": "pending" });
        match &files.orders[place].names[which].1 {
            None => {}
            Some(Ok(())) => challenge["status"] = "valid".into(),
            Some(Err(cause)) => {
                challenge["status"] = "invalid".into();
                challenge["error"] = json!({ "type": "urn:ietf:params:acme:error:connection", "detail": cause });
            }
        }
        challenge
    }

    fn finalize(&self, place: usize, payload: &Value) -> Response {
        let request = BASE64.decode(payload["csr"].as_str().unwrap_or_default()).unwrap_or_default();
        let Ok(request) = CertReq::from_der(&request) else { return self.refuse("no signing request".to_owned()) };
        if self.order_state(place)["status"] != "ready" {
            return self.refuse("an order that is not ready".to_owned());
        }
        let key = Key(request.info.public_key.subject_public_key.raw_bytes().to_vec());
        let asked_for = request.info.to_der().unwrap();
        let mut files = self.state.lock().unwrap();
        let names: Vec<String> = files.orders[place].names.iter().map(|(name, _)| name.clone()).collect();
        if !names.iter().all(|name| asked_for.windows(name.len()).any(|part| part == name.as_bytes())) {
            drop(files);
            return self.refuse("a signing request for other names".to_owned());
        }
        let lifetime = files.lifetimes.pop().unwrap();
        if files.lifetimes.is_empty() {
            files.lifetimes.push(lifetime);
        }
        let mut params = CertificateParams::new(names).unwrap();
        let now = date_time_ymd(1970, 1, 1) + SystemTime::UNIX_EPOCH.elapsed().unwrap();
        (params.not_before, params.not_after) = (now - Duration::from_secs(1), now + lifetime);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        files.orders[place].chain = Some(format!("{}{}", certificate.pem(), self.issuer.pem()));
        drop(files);
        Json(self.order_state(place)).into_response()
    }

    fn refuse(&self, fault: String) -> Response {
        self.state.lock().unwrap().faults.push(fault.clone());
        let problem = json!({ "type": "urn:ietf:params:acme:error:malformed", "detail": fault, "status": 403 });
        (StatusCode::FORBIDDEN, Json(problem)).into_response()
    }

    fn with_nonce(&self, mut response: Response) -> Response {
        let nonce = uuid::Uuid::now_v7().simple().to_string();
        let headers: &mut HeaderMap = response.headers_mut();
        headers.insert("Replay-Nonce", HeaderValue::from_str(&nonce).unwrap());
        self.state.lock().unwrap().nonces.insert(nonce);
        response
    }
}

/// The public key that a certificate is asked for.
struct Key(Vec<u8>);

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

fn token(which: usize) -> String {
    format!("token-of-the-name-{which}")
}

/// RFC 7638 §3.
fn thumbprint(jwk: &Value) -> String {
    let members: BTreeMap<&str, &Value> = ["crv", "kty", "x", "y"].map(|name| (name, &jwk[name])).into();
    BASE64.encode(Sha256::digest(serde_json::to_vec(&members).unwrap()))
}
