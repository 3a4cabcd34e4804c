//! What the machine grants: open files, buffers, a clock that goes forwards.

use tempfile::tempdir;

use super::{doctor, doctor_in};
use crate::support::Process;

#[test]
fn a_limit_of_open_files_below_the_largest_call_fails_and_below_a_whole_node_warns() {
    let folder = tempdir().unwrap();
    doctor_in(&["prlimit", "--nofile=300:300"], folder.path(), &[]).fails("file_limit", "300 files");
    doctor_in(&["prlimit", "--nofile=1024:1024"], folder.path(), &[]).warns("file_limit", "1024 files");
    doctor_in(&["prlimit", "--nofile=1024:1024"], folder.path(), &["--max-seats", "1000"]).fails("file_limit", "a call of 1000 people");
    let limit = std::fs::read_to_string("/proc/self/limits").unwrap();
    let hard = limit.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().nth(1)?.parse::<u64>().ok());
    if hard.is_none_or(|hard| hard >= 20_000) {
        doctor_in(&["prlimit", "--nofile=20000:20000"], folder.path(), &[]).ticks("file_limit", "20000 files");
    }
}

#[test]
fn socket_buffers_are_judged_by_what_the_kernel_grants() {
    let limit = |name: &str| std::fs::read_to_string(format!("/proc/sys/net/core/{name}")).unwrap().trim().parse::<u64>().unwrap();
    let folder = tempdir().unwrap();
    let report = doctor(folder.path(), &[]);
    let short = ["rmem_max", "wmem_max"].into_iter().filter(|name| limit(name) < 4 * 1024 * 1024);
    let short: Vec<String> = short.map(|name| format!("net.core.{name}=4194304")).collect();
    if short.is_empty() {
        return report.ticks("socket_buffers", "get the buffers");
    }
    report.warns("socket_buffers", "smaller than 4194304 bytes");
    assert_eq!(report.finding("socket_buffers").cure.as_deref(), Some(format!("sysctl -w {}", short.join(" ")).as_str()));
}

#[tokio::test]
async fn a_clock_that_was_set_back_behind_what_people_did_fails() {
    let folder = tempdir().unwrap();
    let database = folder.path().join("switchboard.db");
    assert!(Process::output(&["migrate", "--data-dir", folder.path().to_str().unwrap()]).status.success());
    doctor(folder.path(), &[]).ticks("clock", "the clock says 20");
    // Somebody was here in 2090, by the same clock.
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    let user = "INSERT INTO users (id, phone, name, password_hash, created_ms) VALUES ('x', '+79001234567', 'Anna', '', 3786912000000)";
    sqlx::query(user).execute(&pool).await.unwrap();
    pool.close().await;
    doctor(folder.path(), &[]).fails("clock", "somebody was here at 2090-01-01T00:00:00Z");
}
