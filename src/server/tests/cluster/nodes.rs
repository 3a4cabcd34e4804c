//! Nodes as operators meet them: who they are, which of them controls the calls, and what is said when something is missing.

use serde_json::Value;
use switchboard_protocol::{CallKind, Request};
use tempfile::tempdir;

use crate::ground::{Ground, admin, listed, nodes, url};
use crate::support::{Guest, Process, complaint, eventually};

#[tokio::test]
async fn the_first_of_two_nodes_controls_the_calls_and_the_second_when_that_is_gone() {
    let ground = Ground::new();
    let mut a = ground.node("a");
    let b = ground.node("b");
    for node in [&a, &b] {
        assert_eq!(nodes(node).await, listed(&[("a", true), ("b", false)]));
    }
    a.terminate();
    assert!(a.wait().success());
    eventually("b to control the calls", listed(&[("b", true)]), async || nodes(&b).await).await;
    let mut a = ground.node("a");
    assert_eq!(nodes(&a).await, listed(&[("a", false), ("b", true)]));
    drop(b);
    eventually("a to control the calls", true, async || nodes(&a).await.contains(&("a".to_owned(), true))).await;
    a.kill();
}

#[tokio::test]
async fn the_nodes_are_listed_as_a_table() {
    let ground = Ground::new();
    let (a, _b) = (ground.node("a"), ground.node("b"));
    let output = Process::output(&["nodes", "--admin", a.said("admin on ")]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(output.status.success() && lines.len() == 3 && lines[0].starts_with("NODE "), "{text}");
    assert!(lines[1].starts_with("a ") && lines[1].contains("controls calls, epoch 1"), "{text}");
    assert!(lines[2].starts_with("b ") && lines[2].contains("serving"), "{text}");
    let json = Process::output(&["nodes", "--json", "--admin", a.said("admin on ")]);
    assert!(serde_json::from_slice::<Value>(&json.stdout).unwrap()["nodes"].is_array());
    let (line, status) = complaint(&Process::output(&["nodes", "--admin", "http://127.0.0.1:1"]));
    assert!(status == 1 && line.contains("does not answer") && line.contains("--admin"), "{status} {line}");
    let (line, status) = complaint(&Process::output(&["nodes", "--admin", a.said("listening on ")]));
    assert!(status == 1 && line.contains("no admin listener"), "{status} {line}");
}

#[tokio::test]
async fn a_server_that_is_alone_is_its_own_only_node() {
    let folder = tempdir().unwrap();
    let node = Process::serve(folder.path(), &["--node-id", "alone"]);
    assert_eq!(nodes(&node).await, listed(&[("alone", true)]));
}

#[tokio::test]
async fn a_second_node_of_the_same_name_says_so_and_ends() {
    let ground = Ground::new();
    let a = ground.node("a");
    let (url, folder) = (ground.redis.url(), ground.folder.path().join("second"));
    let common = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", "0", "--log", "off"];
    let args = [&common[..], &ground.flags(&url, "a"), &["--data-dir", folder.to_str().unwrap()]].concat();
    let (line, status) = complaint(&Process::output(&args));
    assert!(status == 1 && line.contains("node \"a\" already") && line.contains("--node-id"), "{status} {line}");
    assert_eq!(nodes(&a).await, listed(&[("a", true)]));
}

#[tokio::test]
async fn a_node_that_was_killed_is_started_again_under_its_name() {
    let ground = Ground::new();
    ground.node("a").kill();
    let a = ground.node("a");
    eventually("a to control the calls", listed(&[("a", true)]), async || nodes(&a).await).await;
}

#[tokio::test]
async fn a_node_without_its_redis_is_alive_and_says_what_it_misses() {
    let ground = Ground::new();
    let a = ground.node("a");
    assert_eq!(admin(&a, "/readyz").await.0, 200);
    ground.redis.stops();
    let ready = admin(&a, "/readyz").await;
    assert!(ready.0 == 200 && ready.1.contains("Redis does not answer"), "{ready:?}");
    assert_eq!((admin(&a, "/healthz").await.0, admin(&a, "/v1/admin/nodes").await.0), (200, 503));
    ground.redis.starts();
    eventually("the node to have it again", "ready\n".to_owned(), async || admin(&a, "/readyz").await.1).await;
    eventually("a to control the calls", listed(&[("a", true)]), async || nodes(&a).await).await;
}

#[tokio::test]
async fn a_node_whose_clock_is_far_from_anothers_says_so() {
    let ground = Ground::new();
    let record = r#"{"node":"late","run":"00000000-0000-7000-8000-000000000001","address":null,"version":"0.1.0","started_ms":1,"legs":0,"draining":false,"clock_ahead_ms":-30000}"#;
    ground.redis.runs(&["HSET", "{switchboard:1}:node:late", "run", "00000000-0000-7000-8000-000000000001", "record", record]);
    ground.redis.runs(&["ZADD", "{switchboard:1}:nodes", "1", "late"]);
    let a = ground.node("a");
    let warned = async || a.log().lines().filter(|line| line.contains("clock") && line.contains("late")).count();
    eventually("a warning, once", 1, warned).await;
    assert!(a.log().contains("set both by NTP") && a.log().contains("-30"), "{}", a.log());
}

#[tokio::test]
async fn garbage_in_redis_is_warned_of_once_and_nothing_is_lost() {
    let ground = Ground::new();
    for words in [
        &["SET", "{switchboard:1}:nodes", "garbage"][..],
        &["SET", "{switchboard:1}:lease:calls", "garbage"],
        &["SET", "{switchboard:1}:epoch:calls", "garbage"],
        &["RPUSH", "{switchboard:1}:node:a", "garbage"],
    ] {
        ground.redis.runs(words);
    }
    let a = ground.node("a");
    assert_eq!(nodes(&a).await, listed(&[("a", true)]));
    let warnings = a.log().lines().filter(|line| line.contains("not ours under our keys")).count();
    assert_eq!(warnings, 1, "{}", a.log());
}

#[tokio::test]
async fn a_server_that_finds_its_database_taken_by_another_says_so_and_ends() {
    let ground = Ground::new();
    let alone = |name: &str| Process::serve(&ground.folder.path().join(name), &["--no-limits", "--database-url", &ground.database]);
    let mut one = alone("one");
    let mut guests = [Guest::at(&url(&one), "Anna").await, Guest::at(&url(&one), "Boris").await];
    let _other = alone("other");
    // What it notes of a call is refused.
    let [anna, boris] = &mut guests;
    anna.user.befriends(&boris.user).await;
    let place = Request::Place { callees: vec![boris.user.id], kind: CallKind::Video, offer: anna.peer.offer.clone() };
    anna.device.begins_to_ask(place).await;
    assert_eq!(one.wait().code(), Some(1));
    let log = one.log();
    assert!(log.contains("another server uses this database") && log.contains(" — ") && log.contains("--redis-url"), "{log}");
}
