//! Who may be a node, and what strangers get at the address for nodes.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ground::{Ground, admin, url};
use crate::support::{Guest, TestUser, eventually};

/// Where a node is reached by the others.
async fn address(node: &crate::support::Process, name: &str) -> String {
    let listed: Value = serde_json::from_str(&admin(node, "/v1/admin/nodes").await.1).unwrap();
    let nodes = listed["nodes"].as_array().unwrap();
    let found = nodes.iter().find(|node| node["node"] == name).unwrap();
    found["address"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn nodes_that_were_given_one_secret_know_each_other_by_it() {
    let ground = Ground::new();
    let secret = ["--cluster-secret", "correct horse battery"];
    let (a, b) = (ground.node_with("a", &secret), ground.node_with("b", &secret));
    let mut guests = [Guest::at(&url(&a), "Anna").await, Guest::at(&url(&b), "Boris").await];
    Guest::gather(&mut guests).await;
    Guest::hear_each_other(&guests).await;
    assert!(!a.log().contains("correct horse") && !b.log().contains("correct horse"));
}

#[tokio::test]
async fn a_node_with_another_secret_is_told_so_and_takes_nothing_over() {
    let ground = Ground::new();
    let a = ground.node_with("a", &["--cluster-secret", "correct horse battery"]);
    let b = ground.node_with("b", &["--cluster-secret", "wrong horse battery"]);
    eventually("b to be told", true, async || b.log().contains("give all nodes the same --cluster-secret")).await;
    let anna = TestUser::register(&url(&a), "Anna").await;
    let _connected = anna.connects().await;
    assert!(admin(&a, "/v1/admin/nodes").await.1.contains("controls_calls"));
}

#[tokio::test]
async fn garbage_at_the_address_for_nodes_gets_nowhere_and_harms_nobody() {
    let ground = Ground::new();
    let (a, b) = (ground.node("a"), ground.node("b"));
    let mut guests = [Guest::at(&url(&a), "Anna").await, Guest::at(&url(&b), "Boris").await];
    let address = address(&a, "a").await;
    let long = [&[0, 0, 4, 0][..], &[b'x'; 1_024]].concat();
    let stale = br#"....{"version":1,"node":"x","epoch":1,"dice":"00"}"#;
    let mut hello = stale.to_vec();
    hello[..4].copy_from_slice(&u32::try_from(stale.len() - 4).unwrap().to_be_bytes());
    hello.extend(b"\0\0\0\x10{\"proof\": \"00\"}");
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], &[0; 64], &long, &hello] {
        let mut stranger = TcpStream::connect(&address).await.unwrap();
        stranger.write_all(garbage).await.unwrap();
        let mut said = Vec::new();
        // It is closed, however much was sent; a reset is an end, too.
        let ended = tokio::time::timeout(std::time::Duration::from_secs(10), stranger.read_to_end(&mut said)).await;
        assert!(ended.is_ok(), "the connection ends: {garbage:?}");
        assert!(!String::from_utf8_lossy(&said).contains("Welcome"), "{garbage:?}");
    }
    Guest::gather(&mut guests).await;
    Guest::hear_each_other(&guests).await;
}
