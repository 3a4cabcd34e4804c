//! Starting the real binary: what it says, what it makes, and what it says when it cannot.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use switchboard::store::{OpenError, Store};
use tempfile::tempdir;

use crate::support::{Answer, Process, complaint};

fn url(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

#[test]
fn flags_that_cannot_be_right_are_told_in_one_line() {
    for (args, cause) in [
        (&["serve", "--colour"][..], "--colour"),
        (&["serve", "--listen", "everywhere"], "--listen"),
        (&["serve", "--ring-for", "0"], "--ring-for"),
        (&["serve", "--media-udp", "7003-7000"], "backwards"),
        (&["serve", "--tls-cert", "a.pem"], "--tls-key"),
        (&["serve", "--public-url", "example"], "--public-url"),
        (&["serve", "--otlp", "collector"], "--otlp"),
        (&["serve", "--log", "=loud="], "--log"),
        (&["serve", "--log", "inof"], "inof"),
        (&["dance"], "dance"),
        (&[], "subcommand"),
    ] {
        let (line, status) = complaint(&Process::output(args));
        assert!(status == 2 && line.contains(cause) && line.contains(" — "), "{args:?}: {status} {line}");
    }
}

#[test]
fn help_is_the_reference_and_no_error() {
    let help = Process::output(&["serve", "--help"]);
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for flag in ["--listen", "SWITCHBOARD_LISTEN", "--media-udp", "--demo", "--lan", "--limit-logins"] {
        assert!(text.contains(flag), "{flag}");
    }
}

#[test]
fn a_port_in_use_is_told_with_the_flag_that_changes_it() {
    let folder = tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = folder.path().join("data");
    let common = ["serve", "--media-udp", "0", "--data-dir", data.to_str().unwrap()];
    for (flag, other) in [("--listen", "--admin-listen"), ("--admin-listen", "--listen")] {
        let args = [&common[..], &[flag, &address, other, "127.0.0.1:0"]].concat();
        let (line, status) = complaint(&Process::output(&args));
        assert!(status == 1 && line.contains(&address) && line.ends_with(flag), "{status} {line}");
    }
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("switchboard.db");
    let garbage = "this is not a database, however long it is. ".repeat(100);
    std::fs::write(&file, &garbage).unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--data-dir", folder.path().to_str().unwrap()];
    let (line, status) = complaint(&Process::output(&args));
    assert!(status == 1 && line.contains("switchboard.db") && line.contains("not a database"), "{status} {line}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), garbage);
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("switchboard.db");
    Store::open(&url(&file), None).await.unwrap().close().await;
    let pool = sqlx::SqlitePool::connect(&url(&file)).await.unwrap();
    let future =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'future', TRUE, x'00', 0)";
    sqlx::query(future).execute(&pool).await.unwrap();
    pool.close().await;
    assert!(matches!(Store::open(&url(&file), None).await, Err(OpenError::Newer { migration: 9999, .. })));
    let (line, status) = complaint(&Process::output(&["migrate", "--data-dir", folder.path().to_str().unwrap()]));
    assert!(status == 1 && line.contains("newer than this program"), "{status} {line}");
}

#[test]
fn a_folder_or_url_that_cannot_be_used_is_told() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for (flags, cause) in [
        (["--data-dir", file.join("data").to_str().unwrap()], "cannot be made"),
        (["--database-url", "mysql://localhost/x"], "sqlite:"),
        (["--database-url", "sqlite:x.db?colour=red"], "cannot be read"),
        (["--database-url", "sqlite::memory:"], "in memory"),
    ] {
        let (line, status) = complaint(&Process::output(&[&["migrate"], &flags[..]].concat()));
        assert!(status == 1 && line.contains(cause) && line.contains(" — "), "{status} {line}");
    }
}

#[test]
fn a_certificate_that_cannot_be_read_is_told() {
    let folder = tempdir().unwrap();
    let (data, missing) = (folder.path().to_str().unwrap(), folder.path().join("missing.pem"));
    let missing = missing.to_str().unwrap();
    let common = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--data-dir", data];
    let (line, status) = complaint(&Process::output(&[&common[..], &["--tls-cert", missing, "--tls-key", missing]].concat()));
    assert!(status == 1 && line.contains("missing.pem") && line.contains("certificate"), "{status} {line}");
}

#[test]
fn a_database_has_one_server_at_a_time() {
    let folder = tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let file = url(&folder.path().join("switchboard.db"));
    let mut first = Process::serve(folder.path(), &["--database-url", &file]);
    let (line, status) = complaint(&Process::output(&["migrate", "--data-dir", data]));
    assert!(status == 1 && line.contains("in use"), "{status} {line}");
    first.terminate();
    assert!(first.wait().success());
    assert!(Process::output(&["migrate", "--data-dir", data]).status.success());
}

#[test]
fn what_the_server_keeps_is_for_its_owner_alone() {
    let folder = tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let _server = Process::serve(folder.path(), &["--demo"]);
    for file in folder.path().read_dir().unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{file:?}");
    }
}

#[tokio::test]
async fn the_demo_accounts_are_made_once_and_are_contacts() {
    let folder = tempdir().unwrap();
    for _ in 0..2 {
        let mut server = Process::serve(folder.path(), &["--demo"]);
        for phone in ["+79001234567", "+79007654321", "+79001111111"] {
            assert!(server.lines.iter().any(|line| line.contains(phone) && line.contains("password123")), "{:?}", server.lines);
        }
        let url = server.said("listening on ").to_owned();
        assert!(server.lines.iter().any(|line| line.starts_with("open ") && line.contains(&url)));
        let http = reqwest::Client::new();
        let log_in = json!({"phone": "+79001111111", "password": "password123", "session": "bearer"});
        let token = Answer::of(http.post(format!("{url}/v1/sessions")).json(&log_in)).await.expect(201);
        let contacts = Answer::of(http.get(format!("{url}/v1/contacts")).bearer_auth(token["token"].as_str().unwrap())).await.expect(200);
        assert_eq!(contacts["contacts"].as_array().unwrap().len(), 2);
        server.terminate();
        assert!(server.wait().success());
    }
}

#[tokio::test]
async fn a_local_network_is_served_by_https_with_a_certificate_that_stays() {
    let folder = tempdir().unwrap();
    let mut certificates = Vec::new();
    for _ in 0..2 {
        let server = Process::serve(folder.path(), &["--lan"]);
        let url = server.said("listening on ").to_owned();
        assert!(url.starts_with("https://127.0.0.1:"), "{url}");
        let pem = std::fs::read(folder.path().join("lan-cert.pem")).unwrap();
        let trusted = reqwest::Certificate::from_pem(&pem).unwrap();
        let http = reqwest::Client::builder().tls_certs_only([trusted]).build().unwrap();
        let body = json!({"phone": "+79001234567", "password": "password123", "name": "Anna"});
        let answer = Answer::of(http.post(format!("{url}/v1/accounts")).json(&body)).await;
        if certificates.is_empty() {
            assert!(answer.header("set-cookie").unwrap().contains("; Secure"));
            answer.expect(201);
        } else {
            answer.refused(409, "phone_taken");
        }
        certificates.push(pem);
    }
    assert_eq!(certificates[0], certificates[1]);
    let mode = std::fs::metadata(folder.path().join("lan-key.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "others can read the key");
}

#[tokio::test]
async fn a_machine_that_moved_to_another_network_gets_another_certificate() {
    let folder = tempdir().unwrap();
    drop(Process::serve(folder.path(), &["--lan"]));
    let file = folder.path().join("lan-cert.pem");
    let pem = std::fs::read_to_string(&file).unwrap();
    let (first_line, rest) = pem.split_once('\n').unwrap();
    std::fs::write(&file, format!("{first_line} 198.51.100.7\n{rest}")).unwrap();
    drop(Process::serve(folder.path(), &["--lan"]));
    let renewed = std::fs::read_to_string(&file).unwrap();
    assert_eq!(renewed.split_once('\n').unwrap().0, first_line);
    assert_ne!(renewed, pem);
}
