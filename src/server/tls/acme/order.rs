//! One order: the authority looks at each name, and gives a certificate for all.

use std::time::Duration;

use instant_acme::{Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus, RetryPolicy};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use super::error::words;
use super::{AcmeError, Challenges};

/// An authority looks from several places, and takes seconds.
const PATIENTLY: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(120));

/// Orders a certificate for these names; gives it with its chain and its key, PEM.
pub(super) async fn order(account: &Account, names: &[String], challenges: &Challenges) -> Result<String, AcmeError> {
    let identifiers: Vec<_> = names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    let proved = prove(&mut order, challenges).await;
    challenges.clear();
    proved?;
    let key = KeyPair::generate().map_err(|error| AcmeError::Proof(error.to_string()))?;
    let request = request(names, &key).map_err(|error| AcmeError::Proof(error.to_string()))?;
    order.finalize_csr(&request).await?;
    let chain = order.poll_certificate(&PATIENTLY).await?;
    Ok(format!("{}{chain}", key.serialize_pem()))
}

/// Shows the authority what it looks for at each name, until it has seen it.
async fn prove(order: &mut Order, challenges: &Challenges) -> Result<(), AcmeError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let mut challenge = authorization.challenge(ChallengeType::TlsAlpn01).ok_or(AcmeError::NoChallenge(name.clone()))?;
        challenges.show(&name, challenge.key_authorization().digest().as_ref())?;
        challenge.set_ready().await?;
    }
    if order.poll_ready(&PATIENTLY).await? == OrderStatus::Ready {
        return Ok(());
    }
    Err(what_failed(order).await?)
}

/// The authority says with the order that something failed, and with each name what.
async fn what_failed(order: &mut Order) -> Result<AcmeError, AcmeError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        authorization.refresh().await?;
        let problem = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = problem {
            return Ok(AcmeError::NotFound { name: authorization.identifier().to_string(), cause: words(problem) });
        }
    }
    Ok(AcmeError::NotFound { name: "one of its names".to_owned(), cause: "it does not say why".to_owned() })
}

/// A signing request (PKCS #10) without a subject: authorities read the names alone.
fn request(names: &[String], key: &KeyPair) -> Result<Vec<u8>, rcgen::Error> {
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name = DistinguishedName::new();
    Ok(params.serialize_request(key)?.der().to_vec())
}
