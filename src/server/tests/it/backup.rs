//! A copy made of a database that is being written to, and a server that is started on it.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;
use tempfile::tempdir;

use crate::support::{Answer, Process, eventually};

/// A person that everybody finds again who was there before the copy.
fn account(number: usize) -> serde_json::Value {
    json!({"phone": format!("+7900{number:07}"), "password": "password123", "name": "Anna", "session": "bearer"})
}

/// What the operator's guide says.
fn copy(database: &Path, to: &Path) {
    let command = format!(".backup '{}'", to.display());
    let output = Command::new("sqlite3").args(["-cmd", ".timeout 5000"]).arg(database).arg(command).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn serve(folder: &Path) -> Process {
    let database = format!("sqlite:{}", folder.join("switchboard.db").display());
    Process::serve(folder, &["--no-limits", "--database-url", &database])
}

#[tokio::test]
async fn a_copy_made_while_people_register_is_served_with_all_who_were_there_before() {
    let (folder, restored) = (tempdir().unwrap(), tempdir().unwrap());
    let server = serve(folder.path());
    let url = server.said("listening on ").to_owned();
    let http = reqwest::Client::new();
    let (registered, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let load = tokio::spawn({
        let (http, registered, enough) = (http.clone(), registered.clone(), enough.clone());
        async move {
            while !enough.load(Ordering::Relaxed) {
                let number = registered.load(Ordering::Relaxed);
                Answer::of(http.post(format!("{url}/v1/accounts")).json(&account(number))).await.expect(201);
                registered.store(number + 1, Ordering::Relaxed);
            }
        }
    });
    eventually("people register", true, async || registered.load(Ordering::Relaxed) >= 5).await;
    let before = registered.load(Ordering::Relaxed);
    let (database, to) = (folder.path().join("switchboard.db"), restored.path().join("switchboard.db"));
    tokio::task::spawn_blocking(move || copy(&database, &to)).await.unwrap();
    eventually("the server goes on", true, async || registered.load(Ordering::Relaxed) > before).await;
    enough.store(true, Ordering::Relaxed);
    load.await.unwrap();
    drop(server);

    let server = serve(restored.path());
    let url = server.said("listening on ");
    for number in 0..before {
        Answer::of(http.post(format!("{url}/v1/sessions")).json(&account(number))).await.expect(201);
    }
    // Whoever came later is not there, and may come again.
    let later = registered.load(Ordering::Relaxed) + 1;
    Answer::of(http.post(format!("{url}/v1/accounts")).json(&account(later))).await.expect(201);
}
