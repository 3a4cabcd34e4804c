//! Opening the database, of either kind.

use std::sync::Arc;

use super::turns::Turns;
use super::{OpenError, Store, postgres, sqlite};

impl Store {
    /// Opens the database at `url`, brings it up to date, and makes it if it is a file that is not there. `connections` is how
    /// many statements read at once, where the default is not meant.
    pub async fn open(url: &str, connections: Option<u32>) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => {
                let (pools, lock) = sqlite::open(url, connections).await?;
                Ok(Self { pools, turns: Turns::default(), _lock: Some(Arc::new(lock)) })
            }
            Some("postgres" | "postgresql") => {
                Ok(Self { pools: postgres::open(url, connections).await?, turns: Turns::default(), _lock: None })
            }
            _ => Err(OpenError::UnknownKind),
        }
    }
}
