//! Passwords: argon2id (RFC 9106), a few at a time, off the threads that serve requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use super::problem::Error;
use crate::config::PasswordCost;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The least there is: what the hash of a load test's password takes is a few microseconds.
const CHEAP_MEMORY_KIB: u32 = 8;
const CHEAP_PASSES: u32 = 1;

/// A request that waited this long for its turn is told to come back, so that a flood cannot build an endless queue.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hashes and checks passwords on half of the cores at most, so that a flood of logins leaves the rest to calls.
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// One for each turn, made when first needed and kept: a hash writes all of its 19 MiB, and memory that comes and
    /// goes in such pieces stays with the allocator of each thread that ever hashed.
    memory: Mutex<Vec<Vec<Block>>>,
    params: Params,
    nobody: String,
}

impl Passwords {
    /// Makes a hasher for a machine with this many cores.
    pub fn new(cores: usize, cost: PasswordCost) -> Result<Self, Error> {
        let (memory, passes) = match cost {
            PasswordCost::Full => (MEMORY_KIB, PASSES),
            PasswordCost::Cheap => (CHEAP_MEMORY_KIB, CHEAP_PASSES),
        };
        let params = Params::new(memory, passes, LANES, Some(Params::DEFAULT_OUTPUT_LEN)).map_err(Error::internal)?;
        let nobody = phc(&params, &random::<{ Salt::RECOMMENDED_LENGTH }>()?, &random::<{ Params::DEFAULT_OUTPUT_LEN }>()?)?;
        Ok(Self { turns: Arc::new(Semaphore::new((cores / 2).max(1))), memory: Mutex::default(), params, nobody })
    }

    /// The hash of a new password, as a PHC string.
    pub async fn hash(self: &Arc<Self>, password: String) -> Result<String, Error> {
        let this = self.clone();
        self.in_turn(move || {
            let salt: [u8; Salt::RECOMMENDED_LENGTH] = random()?;
            let output = this.compute(&this.params, password.as_bytes(), &salt)?;
            phc(&this.params, &salt, &output)
        })
        .await
    }

    /// Whether `password` is the one that was hashed. Where there is no hash it takes as long and is wrong, so that the
    /// time does not tell which numbers have an account.
    pub async fn is_right(self: &Arc<Self>, password: String, hash: Option<String>) -> Result<bool, Error> {
        let this = self.clone();
        self.in_turn(move || {
            let hash = PasswordHash::new(hash.as_deref().unwrap_or(&this.nobody)).map_err(|error| Error::internal(error.to_string()))?;
            let params = Params::try_from(&hash).map_err(|error| Error::internal(error.to_string()))?;
            let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else { return Err(Error::internal("a password hash without salt")) };
            let output = this.compute(&params, password.as_bytes(), &salt)?;
            let output = Output::new(&output).map_err(|error| Error::internal(error.to_string()))?;
            Ok(output == expected)
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned());
        let turn = turn.await.map_err(|_| Error::Overloaded)?.map_err(Error::internal)?;
        // The work holds its turn itself: it goes on when the client that asked for it is gone.
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    fn compute(&self, params: &Params, password: &[u8], salt: &[u8]) -> Result<[u8; Params::DEFAULT_OUTPUT_LEN], Error> {
        let mut memory = self.memory.lock().ok().and_then(|mut free| free.pop()).unwrap_or_default();
        memory.resize(params.block_count(), Block::new());
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let computed = argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory);
        if let Ok(mut free) = self.memory.lock() {
            free.push(memory);
        }
        computed.map_err(|error| Error::internal(error.to_string()))?;
        Ok(output)
    }
}

/// The PHC string of a hash.
fn phc(params: &Params, salt: &[u8], output: &[u8]) -> Result<String, Error> {
    let hash = || -> argon2::password_hash::phc::Result<PasswordHash> {
        Ok(PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).unwrap_or_default(),
            salt: Some(Salt::new(salt)?),
            hash: Some(Output::new(output)?),
        })
    };
    Ok(hash().map_err(|error| Error::internal(error.to_string()))?.to_string())
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use argon2::password_hash::PasswordVerifier;

    use super::*;

    #[tokio::test]
    async fn a_hash_is_right_for_its_password_alone_and_others_can_read_it() {
        let passwords = Arc::new(Passwords::new(2, PasswordCost::Full).unwrap());
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.is_right("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.is_right("correct horsf".to_owned(), Some(hash.clone())).await.unwrap());
        Argon2::default().verify_password(b"correct horse", hash.as_str()).unwrap();
    }

    #[tokio::test]
    async fn no_password_is_right_where_there_is_no_account() {
        let passwords = Arc::new(Passwords::new(2, PasswordCost::Full).unwrap());
        assert!(!passwords.is_right(String::new(), None).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_is_hashed_differently_each_time() {
        let passwords = Arc::new(Passwords::new(2, PasswordCost::Full).unwrap());
        let hash = || passwords.hash("correct horse".to_owned());
        assert_ne!(hash().await.unwrap(), hash().await.unwrap());
    }
}
