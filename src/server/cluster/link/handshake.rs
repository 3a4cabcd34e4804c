//! How two nodes prove to each other that they know the secret, which neither says: each signs what the other has thrown dice
//! for (HMAC-SHA256, RFC 2104).

use std::time::Duration;

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::secret::{Secret, hex};
use super::{LinkError, frame};

/// The version of the words between nodes: two of different versions do not understand each other.
const VERSION: u32 = 1;
/// Strangers may say this much.
const LONGEST: usize = 1_024;
/// And take so long.
const WITHIN: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize, Deserialize)]
struct Hello {
    version: u32,
    node: String,
    /// In which epoch the other is to control the calls.
    epoch: u64,
    dice: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Challenge {
    version: u32,
    dice: String,
    proof: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Proof {
    proof: String,
}

#[derive(Debug, Serialize, Deserialize)]
enum Verdict {
    Welcome,
    Stranger,
    Elsewhere,
}

/// The side that dials: done when the other has proven that it knows the secret and controls the calls in this epoch.
pub(super) async fn dials<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    secret: &Secret,
    node: &str,
    epoch: u64,
) -> Result<(), LinkError> {
    let shaken = async {
        let (key, mine) = (secret.key().await, dice());
        say(stream, &Hello { version: VERSION, node: node.to_owned(), epoch, dice: mine.clone() }).await?;
        let Challenge { version, dice: theirs, proof } = frame::read(stream, LONGEST).await?;
        if version != VERSION {
            return Err(LinkError::Version(version));
        }
        check(&key, &text("listens", &mine, &theirs, node, epoch), &proof)?;
        say(stream, &Proof { proof: sign(&key, &text("dials", &mine, &theirs, node, epoch)) }).await?;
        match frame::read(stream, LONGEST).await? {
            Verdict::Welcome => Ok(()),
            Verdict::Stranger => Err(LinkError::Stranger),
            Verdict::Elsewhere => Err(LinkError::Elsewhere),
        }
    };
    timeout(WITHIN, shaken).await.map_err(|_| LinkError::Silent)?
}

/// The side that listens: gives the name of a node that knows the secret and wants what `is_here` says is here.
pub(super) async fn listens<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    secret: &Secret,
    is_here: impl FnOnce(u64) -> bool,
) -> Result<String, LinkError> {
    let shaken = async {
        let Hello { version, node, epoch, dice: theirs } = frame::read(stream, LONGEST).await?;
        let (key, mine) = (secret.key().await, dice());
        let proof = sign(&key, &text("listens", &theirs, &mine, &node, epoch));
        say(stream, &Challenge { version: VERSION, dice: mine.clone(), proof }).await?;
        if version != VERSION {
            return Err(LinkError::Version(version));
        }
        let Proof { proof } = frame::read(stream, LONGEST).await?;
        let checked = check(&key, &text("dials", &theirs, &mine, &node, epoch), &proof);
        let (verdict, outcome) = match checked {
            Err(error) => (Verdict::Stranger, Err(error)),
            Ok(()) if is_here(epoch) => (Verdict::Welcome, Ok(node)),
            Ok(()) => (Verdict::Elsewhere, Err(LinkError::Elsewhere)),
        };
        say(stream, &verdict).await?;
        outcome
    };
    timeout(WITHIN, shaken).await.map_err(|_| LinkError::Silent)?
}

async fn say<T: Serialize>(stream: &mut (impl AsyncWrite + Unpin), word: &T) -> Result<(), LinkError> {
    let mut bytes = Vec::new();
    frame::put(&mut bytes, word);
    Ok(stream.write_all(&bytes).await?)
}

fn dice() -> String {
    let mut dice = [0; 32];
    getrandom::fill(&mut dice).expect("the operating system has randomness");
    hex(&dice)
}

/// What is signed. Who signs is in it, so that nobody's own proof can be thrown back at them.
fn text(role: &str, dials: &str, listens: &str, node: &str, epoch: u64) -> String {
    format!("switchboard {VERSION} {role} {dials} {listens} {epoch} {node}")
}

fn sign(key: &hmac::Key, text: &str) -> String {
    hex(hmac::sign(key, text.as_bytes()).as_ref())
}

fn check(key: &hmac::Key, text: &str, proof: &str) -> Result<(), LinkError> {
    let byte = |at: usize| proof.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let bytes: Option<Vec<u8>> = (0..proof.len()).step_by(2).map(byte).collect();
    let bytes = bytes.ok_or(LinkError::Stranger)?;
    hmac::verify(key, text.as_bytes(), &bytes).map_err(|_| LinkError::Stranger)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::sync::Arc;

    use tokio::io::duplex;

    use super::*;
    use crate::engine::{Engine, Memory};

    fn given(secret: &str) -> Secret {
        Secret::new(Arc::new(Memory::default()), Some(secret.to_owned()))
    }

    /// What each of two says to the other, where the one that listens controls the calls in epoch 7.
    async fn shake(dialler: &Secret, listener: &Secret, epoch: u64) -> (Result<(), LinkError>, Result<String, LinkError>) {
        let (mut one, mut other) = duplex(4_096);
        tokio::join!(
            async {
                let shaken = dials(&mut one, dialler, "a", epoch).await;
                drop(one);
                shaken
            },
            async {
                let shaken = listens(&mut other, listener, |epoch| epoch == 7).await;
                drop(other);
                shaken
            }
        )
    }

    #[tokio::test]
    async fn two_who_know_the_secret_find_each_other() {
        let (dialled, heard) = shake(&given("secret"), &given("secret"), 7).await;
        dialled.unwrap();
        assert_eq!(heard.unwrap(), "a");
    }

    #[tokio::test]
    async fn two_who_agree_by_their_engine_find_each_other() {
        let engine: Arc<dyn Engine> = Arc::new(Memory::default());
        let [one, other] = [(); 2].map(|()| Secret::new(engine.clone(), None));
        assert!(matches!(shake(&one, &other, 7).await, (Ok(()), Ok(_))));
    }

    #[tokio::test]
    async fn who_does_not_know_the_secret_gets_nowhere_whichever_end_it_is() {
        let (dialled, heard) = shake(&given("wrong"), &given("secret"), 7).await;
        assert!(matches!(dialled, Err(LinkError::Stranger)), "it sees by itself that the other is none of its own");
        assert!(heard.is_err());
        // One that goes on without the other's proof is refused for its own.
        let (mut one, mut other) = duplex(4_096);
        let secret = given("secret");
        let stranger = async {
            say(&mut one, &Hello { version: VERSION, node: "x".to_owned(), epoch: 7, dice: dice() }).await.unwrap();
            let Challenge { proof, .. } = frame::read(&mut one, LONGEST).await.unwrap();
            say(&mut one, &Proof { proof }).await.unwrap();
            frame::read::<Verdict>(&mut one, LONGEST).await.unwrap()
        };
        let (verdict, heard) = tokio::join!(stranger, listens(&mut other, &secret, |_| true));
        assert!(matches!((verdict, heard), (Verdict::Stranger, Err(LinkError::Stranger))), "a proof thrown back is none");
    }

    #[tokio::test]
    async fn who_looks_for_another_epoch_is_sent_away() {
        let (dialled, heard) = shake(&given("secret"), &given("secret"), 6).await;
        assert!(matches!((dialled, heard), (Err(LinkError::Elsewhere), Err(LinkError::Elsewhere))));
    }
}
