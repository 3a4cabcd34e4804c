//! The database and the folder it is in.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use switchboard::store::Store;
use tempfile::tempdir;

use super::{doctor, doctor_in};
use crate::support::{Cluster, Process, RedisServer};

/// A database that is up to date, and closed.
async fn database(folder: &Path) {
    Store::open(&format!("sqlite:{}", folder.join("switchboard.db").display()), None).await.unwrap().close().await;
}

async fn sql(folder: &Path, statement: &'static str) {
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", folder.join("switchboard.db").display())).await.unwrap();
    sqlx::query(statement).execute(&pool).await.unwrap();
    pool.close().await;
}

/// Each file of a folder with what is in it.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = folder.read_dir().unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file());
    let mut contents: Vec<_> = files.map(|file| (file.display().to_string(), std::fs::read(&file).unwrap())).collect();
    contents.sort();
    contents
}

#[tokio::test]
async fn a_database_is_looked_at_and_left_as_it_is() {
    let folder = tempdir().unwrap();
    database(folder.path()).await;
    let before = contents(folder.path());
    let report = doctor(folder.path(), &[]);
    report.ticks("database", "can be read and written");
    report.ticks("migrations", "are applied");
    let after = contents(folder.path());
    let names =
        |files: &[(String, Vec<u8>)]| files.iter().map(|(name, content)| format!("{name}: {} bytes", content.len())).collect::<Vec<_>>();
    assert!(after == before, "{:?} became {:?}", names(&before), names(&after));
}

#[test]
fn a_database_that_a_crash_left_behind_is_left_to_the_next_server() {
    let folder = tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("switchboard.db").display());
    Process::serve(folder.path(), &["--demo", "--database-url", &database]).kill();
    // What SQLite finds its way about by is no content, and made anew by whoever comes next.
    let kept = || contents(folder.path()).into_iter().filter(|(name, _)| !name.ends_with("-shm")).collect::<Vec<_>>();
    let before = kept();
    assert!(before.iter().any(|(name, log)| name.ends_with("-wal") && !log.is_empty()), "there is nothing to be taken up");
    let report = doctor(folder.path(), &[]);
    report.ticks("database", "can be read and written");
    report.ticks("migrations", "are applied");
    assert!(kept() == before, "the doctor wrote");
}

#[tokio::test]
async fn migrations_that_are_pending_are_warned_of() {
    let folder = tempdir().unwrap();
    database(folder.path()).await;
    sql(folder.path(), "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)").await;
    let report = doctor(folder.path(), &[]);
    report.warns("migrations", "1 are not applied yet");
    assert_eq!(report.status, 0);
}

#[tokio::test]
async fn a_database_of_a_later_version_or_with_a_changed_migration_fails() {
    let folder = tempdir().unwrap();
    database(folder.path()).await;
    sql(folder.path(), "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").await;
    doctor(folder.path(), &[]).fails("migrations", "migration 1 failed half-way, or was changed");
    let later =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (0, 'future', TRUE, x'00', 0)";
    sql(folder.path(), later).await;
    doctor(folder.path(), &[]).fails("migrations", "newer than this program (it has migration 0)");
}

#[test]
fn a_file_that_is_no_database_fails_and_stays() {
    let folder = tempdir().unwrap();
    let garbage = "this is not a database, however long it is. ".repeat(100);
    std::fs::write(folder.path().join("switchboard.db"), &garbage).unwrap();
    let before = contents(folder.path());
    let report = doctor(folder.path(), &[]);
    report.fails("database", "not a database");
    report.warns("migrations", "not looked at");
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_url_of_a_database_that_is_none_fails() {
    let folder = tempdir().unwrap();
    for (url, cause) in [("mysql://localhost/x", "sqlite:"), ("sqlite:x.db?colour=red", "cannot be read"), ("sqlite::memory:", "in memory")]
    {
        doctor(folder.path(), &["--database-url", url]).fails("database", cause);
    }
}

#[test]
fn a_postgres_is_looked_at_and_left_as_it_is() {
    let (folder, cluster) = (tempdir().unwrap(), Cluster::shared());
    let url = cluster.database("doctored");
    let look = || doctor(folder.path(), &["--database-url", &url]);
    // Newer dumps begin and end with a word that is another one each time.
    let content = || {
        let text = String::from_utf8(cluster.dump("doctored")).unwrap();
        text.lines().filter(|line| !line.starts_with('\\')).map(str::to_owned).collect::<Vec<_>>()
    };
    let report = look();
    report.ticks("database", "doctored at ");
    report.ticks("database", "is made at first start");
    report.ticks("migrations", "the first start applies all");
    report.ticks("clock", "the clock says");
    assert!(Process::output(&["migrate", "--database-url", &url]).status.success());
    let before = content();
    let report = look();
    report.ticks("database", "can be read and written");
    report.ticks("migrations", "are applied");
    assert!(content() == before, "the doctor wrote");
    let server = Process::serve(folder.path(), &["--database-url", &url]);
    look().ticks("database", "in use by a running server");
    drop(server);
}

#[tokio::test]
async fn a_postgres_tells_its_clock_and_what_keeps_a_server_from_using_it() {
    let (folder, cluster) = (tempdir().unwrap(), Cluster::start());
    let url = cluster.database("calls");
    let seen = switchboard::store::inspect(&url).await.unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    assert!((seen.clock_ms.unwrap() - now).abs() < 5_000, "{seen:?} at {now}");
    let look = |url: &str| doctor(folder.path(), &["--database-url", url]);
    let report = look(&cluster.url("switchboard", "missing"));
    report.fails("database", "no database missing");
    report.warns("migrations", "not looked at");
    cluster.runs("ALTER DATABASE calls SET default_transaction_read_only = on").await;
    look(&url).fails("database", "calls at ");
    cluster.runs("ALTER DATABASE calls RESET default_transaction_read_only").await;
    cluster.runs("CREATE ROLE anna LOGIN").await;
    look(&cluster.url("anna", "calls")).fails("database", "cannot be written");
    look(&url).ticks("database", "made at first start");
}

/// A root without the right to pass over permissions is as bound by them as anybody.
const BOUND_BY_PERMISSIONS: [&str; 2] = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];

#[tokio::test]
async fn a_folder_or_a_file_that_may_not_be_written_fails() {
    let folder = tempdir().unwrap();
    // Whoever has no capabilities cannot, and need not, give any up.
    let world: &[&str] = if is_root() { &BOUND_BY_PERMISSIONS } else { &[] };
    database(folder.path()).await;
    doctor_in(world, folder.path(), &[]).ticks("database", "can be read and written");
    let file = folder.path().join("switchboard.db");
    std::fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
    doctor_in(world, folder.path(), &[]).fails("database", "switchboard.db");
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    doctor_in(world, folder.path(), &[]).fails("database", "cannot be made");
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

#[test]
fn a_disk_that_is_nearly_full_or_mounted_to_be_read_fails() {
    let folder = tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for (options, cause) in [("size=8m", "MiB are free"), ("size=2g,ro", "cannot be written")] {
        let mount = format!("mount -t tmpfs -o {options} none {path} && exec \"$@\"");
        let world = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", &mount, "sh"];
        doctor_in(&world, folder.path(), &[]).fails("data_folder", cause);
    }
}

#[test]
fn a_redis_is_looked_at_and_the_nodes_that_it_knows_are_named() {
    let (folder, redis) = (tempdir().unwrap(), RedisServer::start());
    let database = Cluster::shared().database("doctored_nodes");
    let together = |url: &str| doctor(folder.path(), &["--database-url", &database, "--redis-url", url]);
    together(&redis.url()).ticks("redis", "no node serves");
    let flags = ["--database-url", &database, "--redis-url", &redis.url(), "--node-id", "anna", "--cluster-listen", "127.0.0.1:0"];
    let server = Process::serve(folder.path(), &flags);
    together(&redis.url()).ticks("redis", "these nodes serve: anna");
    drop(server);
    redis.stops();
    together(&redis.url()).fails("redis", "cannot be reached");
}
