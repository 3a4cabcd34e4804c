//! Certificates that an authority gives by itself (ACME, RFC 8555): asked for at first, and again when a third of their time is left. The
//! authority connects to each name to see that it is this server's (TLS-ALPN-01, RFC 8737).

mod account;
mod challenge;
mod error;
mod order;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(super) use challenge::Challenges;
use error::AcmeError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::pair::{Files, validity};
use super::{TlsError, make, now_s};
use crate::config::Acme;
use crate::files;

/// An order that takes longer is given up, and tried again later.
const ORDER_WITHIN: Duration = Duration::from_secs(300);
/// After the first failure it is tried again in so long, after each other in four times as long, and at last every hour: an authority allows
/// few failures an hour.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(60);
const TRY_AGAIN_AT_LAST: Duration = Duration::from_secs(3_600);
/// However near its end a certificate is, another is not asked for sooner than this.
const LOOK_NO_SOONER: Duration = Duration::from_secs(1);
/// However far its end is, it is looked at so often: clocks are set, and computers sleep.
const LOOK_NO_LATER: Duration = Duration::from_secs(3_600);

/// Has certificates given, one after the other.
pub(super) struct Issuer {
    acme: Acme,
    folder: PathBuf,
    challenges: Challenges,
    /// Told when there is a new one.
    renewed: Arc<Notify>,
}

impl Issuer {
    pub(super) fn new(acme: Acme, folder: &Path, challenges: Challenges, renewed: Arc<Notify>) -> Self {
        Self { acme, folder: folder.to_owned(), challenges, renewed }
    }

    /// The file with the certificates and their key: one file, so that they are replaced together.
    pub(super) fn file(folder: &Path) -> PathBuf {
        folder.join("acme.pem")
    }

    /// Puts a certificate of our own in place where there is none for these names, for a server must have one to be asked by the
    /// authority. It ends soon, so that whoever watches over that sees when no other comes.
    pub(super) fn prepare(&self) -> Result<(), TlsError> {
        if let Some(root) = &self.acme.root {
            let unreadable = |cause: String| TlsError::File { path: root.clone(), what: "a root certificate", cause };
            CertificateDer::from_pem_file(root).map_err(|error| unreadable(error.to_string()))?;
        }
        let file = Self::file(&self.folder);
        let ours = first_line(&file).is_some_and(|line| line == self.placeholder() || line == self.title());
        // One that has ended, while the server was stopped, keeps no server from starting.
        if ours && Files::read(&file, &file).pair(now_s()).is_ok() {
            return Ok(());
        }
        let made = make::for_a_day(&self.acme.domains, now_s())?;
        self.keep(&self.placeholder(), &made)
    }

    /// Keeps a certificate there for all time.
    pub(super) async fn run(self) {
        let mut failures = 0;
        loop {
            let wait = self.due_in();
            if !wait.is_zero() {
                sleep(wait.clamp(LOOK_NO_SOONER, LOOK_NO_LATER)).await;
                continue;
            }
            match self.renew().await {
                Ok(()) => {
                    tracing::info!(names = self.acme.domains.join(" "), directory = self.acme.directory, "a certificate was given");
                    failures = 0;
                }
                Err(error) => {
                    let again = (TRY_AGAIN_AFTER * 4_u32.saturating_pow(failures)).min(TRY_AGAIN_AT_LAST);
                    failures = (failures + 1).min(8);
                    tracing::error!(directory = self.acme.directory, again_in_s = again.as_secs(), "no certificate was given: {error}");
                    sleep(again).await;
                }
            }
        }
    }

    async fn renew(&self) -> Result<(), AcmeError> {
        let pem = timeout(ORDER_WITHIN, self.order()).await.unwrap_or(Err(AcmeError::TooSlow))?;
        self.keep(&self.title(), &pem)?;
        self.renewed.notify_one();
        // Or one would be ordered after the other.
        if self.due_in().is_zero() { Err(AcmeError::Clock) } else { Ok(()) }
    }

    /// How long the certificate in place is good for yet.
    fn due_in(&self) -> Duration {
        let file = Self::file(&self.folder);
        if first_line(&file) != Some(self.title()) {
            return Duration::ZERO;
        }
        let Ok((from_s, until_s)) = validity(&file) else { return Duration::ZERO };
        Duration::from_secs((until_s - until_s.saturating_sub(from_s) / 3).saturating_sub(now_s()))
    }

    async fn order(&self) -> Result<String, AcmeError> {
        let account = account::open(&self.acme, &self.folder.join("acme-account.json")).await?;
        order::order(&account, &self.acme.domains, &self.challenges).await
    }

    fn keep(&self, title: &str, pem: &str) -> Result<(), TlsError> {
        let path = Self::file(&self.folder);
        let written = files::make_private_folder(&self.folder).and_then(|()| files::replace_private(&path, &format!("{title}\n{pem}")));
        written.map_err(|cause| TlsError::Keep { path, cause })
    }

    /// The first line of its file, which readers of PEM skip (RFC 7468 §2): who gave it, and for whom.
    fn title(&self) -> String {
        format!("Given by {} for {}", self.acme.directory, self.acme.domains.join(" "))
    }

    fn placeholder(&self) -> String {
        format!("Until {} gives one for {}", self.acme.directory, self.acme.domains.join(" "))
    }
}

fn first_line(file: &Path) -> Option<String> {
    std::fs::read_to_string(file).ok()?.lines().next().map(str::to_owned)
}
