//! The demo accounts: three people who are contacts of each other.

use std::sync::Arc;

use crate::clock::now_ms;
use crate::http::passwords::Passwords;
use crate::http::problem::Error;
use crate::store::accounts::{self, CreateError};
use crate::store::{Person, Store, contacts};

/// The password of every demo account.
pub const PASSWORD: &str = "password123";

/// Number and name of each demo account.
pub const PEOPLE: [(&str, &str); 3] = [("+79001234567", "Anna"), ("+79007654321", "Boris"), ("+79001111111", "Clara")];

/// Makes the demo accounts where they are missing, and contacts of each two.
pub async fn introduce(store: &Store, passwords: &Arc<Passwords>) -> Result<(), Error> {
    let mut people: Vec<Person> = Vec::new();
    for (phone, name) in PEOPLE {
        people.push(account(store, passwords, phone, name).await?);
    }
    for (index, person) in people.iter().enumerate() {
        for earlier in &people[..index] {
            contacts::introduce(store, earlier.id, person.id, now_ms()).await?;
        }
    }
    Ok(())
}

async fn account(store: &Store, passwords: &Arc<Passwords>, phone: &str, name: &str) -> Result<Person, Error> {
    if let Some(person) = accounts::by_phone(store, phone).await? {
        return Ok(person);
    }
    let hash = passwords.hash(PASSWORD.to_owned()).await?;
    accounts::create(store, phone, name, &hash, now_ms()).await.map_err(|error| match error {
        CreateError::PhoneTaken => Error::PhoneTaken,
        CreateError::Store(error) => error.into(),
    })
}

/// What to tell the person at the terminal: the page, and how to log in.
pub fn lines(url: &str) -> Vec<String> {
    let accounts = PEOPLE.iter().map(|(phone, name)| format!("  {phone}  {PASSWORD}  ({name})"));
    [format!("open {url} in two browsers and log in as")].into_iter().chain(accounts).collect()
}
