//! The account with the authority, made once and kept: an authority counts what is asked by each.

use std::path::Path;

use instant_acme::{Account, AccountCredentials, NewAccount};
use serde::{Deserialize, Serialize};

use super::AcmeError;
use crate::config::Acme;
use crate::files;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// Whose account it is.
    directory: String,
    credentials: AccountCredentials,
}

/// Opens the account that `file` holds, or makes one with the authority. To have one is to agree to the authority's terms.
pub(super) async fn open(acme: &Acme, file: &Path) -> Result<Account, AcmeError> {
    let builder = || match &acme.root {
        Some(root) => Account::builder_with_root(root),
        None => Account::builder(),
    };
    if let Some(kept) = read(acme, file) {
        return Ok(builder()?.from_credentials(kept.credentials).await?);
    }
    let contact = acme.contact.as_ref().map(|address| format!("mailto:{address}"));
    let contact: Vec<&str> = contact.as_deref().into_iter().collect();
    let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) = builder()?.create(&new, acme.directory.clone(), None).await?;
    let kept = Kept { directory: acme.directory.clone(), credentials };
    let text = serde_json::to_string(&kept).map_err(instant_acme::Error::from)?;
    files::replace_private(file, &text).map_err(|cause| AcmeError::Account { path: file.to_owned(), cause })?;
    Ok(account)
}

fn read(acme: &Acme, file: &Path) -> Option<Kept> {
    let text = std::fs::read_to_string(file).ok()?;
    match serde_json::from_str::<Kept>(&text) {
        Ok(kept) => Some(kept).filter(|kept| kept.directory == acme.directory),
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "this is no account with an authority: another is made");
            None
        }
    }
}
