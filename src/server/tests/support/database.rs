//! The database of a server under test: a file in its folder, or with `SWITCHBOARD_TEST_DATABASE=postgres` one of a Postgres.

use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, Connection};

use super::Cluster;

/// Where a server keeps what it knows, and the way there behind its back.
pub enum Database {
    /// A file.
    File(PathBuf),
    /// A database of the shared Postgres, by name.
    Postgres(String),
}

impl Database {
    /// That of the server with this folder: one that is started there again finds it again.
    pub fn of(folder: &Path) -> Self {
        match std::env::var("SWITCHBOARD_TEST_DATABASE").as_deref() {
            Err(_) | Ok("sqlite") => Self::File(folder.join("switchboard.db")),
            Ok("postgres") => Self::Postgres(format!("of{}", folder.file_name().unwrap().to_str().unwrap().replace('.', "_"))),
            Ok(other) => panic!("SWITCHBOARD_TEST_DATABASE is sqlite or postgres, not {other}"),
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(name) => Cluster::shared().database(name),
        }
    }

    /// Everything in it that can be read.
    pub fn content(&self) -> Vec<u8> {
        match self {
            Self::File(path) => {
                ["", "-wal"].iter().filter_map(|end| std::fs::read(format!("{}{end}", path.display())).ok()).flatten().collect()
            }
            Self::Postgres(name) => Cluster::shared().dump(name),
        }
    }

    pub async fn run(&self, statement: &'static str) {
        sqlx::query(statement).execute(&mut self.connect().await).await.unwrap();
    }

    /// The one number that a statement finds.
    pub async fn number(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&mut self.connect().await).await.unwrap()
    }

    async fn connect(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        AnyConnection::connect(&self.url()).await.unwrap()
    }
}

/// Flags of a server with this folder, with the database where they name none.
pub fn flags_with_database(folder: &Path, flags: &[&str]) -> Vec<String> {
    let mut flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    if let (false, database @ Database::Postgres(_)) = (flags.iter().any(|flag| flag == "--database-url"), Database::of(folder)) {
        flags.extend(["--database-url".to_owned(), database.url()]);
    }
    flags
}
