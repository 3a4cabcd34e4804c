//! Why an authority gave no certificate, with what to do.

use std::error::Error;
use std::iter::successors;
use std::path::PathBuf;

use instant_acme::Problem;

use crate::tls::TlsError;

/// No certificate was given. Each line names the cause and the cure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcmeError {
    /// The authority cannot be reached, or does not take what it is asked.
    #[error("{} — check --acme-directory, and that this machine reaches it", causes(.0))]
    Authority(#[from] instant_acme::Error),
    /// The authority does not look by TLS.
    #[error("the authority does not look at {0} by TLS (TLS-ALPN-01) — choose one that does with --acme-directory")]
    NoChallenge(String),
    /// The authority did not find this server by that name.
    #[error("the authority did not find this server at {name} ({cause}) — the name must lead here, and port 443 to --listen")]
    NotFound {
        /// The name.
        name: String,
        /// What the authority says.
        cause: String,
    },
    /// What it was to be shown could not be made.
    #[error("the proof for the authority could not be made ({0}) — check the names of --acme-domain")]
    Proof(String),
    /// It took too long.
    #[error("the authority did not decide in time — it is asked again")]
    TooSlow,
    /// What was given is old already.
    #[error("by this machine's clock the certificate that was given is nearly over — set the clock")]
    Clock,
    /// The account could not be kept.
    #[error("the account with the authority could not be kept in {path} ({cause}) — make the folder writable")]
    Account {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// The certificate could not be kept.
    #[error(transparent)]
    Keep(#[from] TlsError),
}

/// What the authority says, in a few words.
pub(super) fn words(problem: &Problem) -> String {
    problem.detail.clone().or_else(|| problem.r#type.clone()).unwrap_or_else(|| "it does not say why".to_owned())
}

/// An error with what caused it: of a connection the first says that it failed, and the last why.
fn causes(error: &instant_acme::Error) -> String {
    let causes = successors(Some(error as &(dyn Error + 'static)), |error| (*error).source());
    causes.fold(String::new(), |mut line, error| {
        let words = error.to_string();
        if !line.ends_with(&words) {
            line += if line.is_empty() { "" } else { ": " };
            line += &words;
        }
        line
    })
}
