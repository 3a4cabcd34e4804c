//! The contract of an engine, held against both of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use switchboard::engine::{Beat, Claim, Engine, Identity, Memory, Node, Redis};
use uuid::Uuid;

use crate::support::{RedisServer, eventually};

/// Long enough for a busy machine to renew it, short enough to wait for its end.
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(60);

fn who(name: &str) -> Identity {
    Identity { node: name.to_owned(), run: Uuid::now_v7(), address: Some(format!("10.0.0.1:{}", name.len())) }
}

fn node(identity: &Identity) -> Node {
    let (identity, version) = (identity.clone(), "0.1.0".to_owned());
    Node { identity, version, started_ms: 1_000, legs: 3, draining: false, clock_ahead_ms: -2 }
}

async fn names(engine: &dyn Engine) -> Vec<String> {
    engine.nodes().await.unwrap().into_iter().map(|node| node.identity.node).collect()
}

async fn wins(engine: &dyn Engine, who: &Identity, above: u64, lasts: Duration) -> u64 {
    match engine.claim("calls", who, above, lasts).await.unwrap() {
        Claim::Won(epoch) => epoch,
        Claim::Held(by) => panic!("nobody holds it, not {by:?}"),
    }
}

/// Holds a law of engines against each of them.
macro_rules! of_every_engine {
    ($($law:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $law() { super::$law(std::sync::Arc::new(super::Memory::default())).await; })*
        }
        mod redis {
            $(#[tokio::test] async fn $law() {
                let server = super::RedisServer::start();
                super::$law(std::sync::Arc::new(super::Redis::open(&server.url()).await.unwrap())).await;
            })*
        }
    };
}

of_every_engine!(
    nodes_that_say_that_they_live_are_listed_by_name_until_they_leave_or_fall_silent,
    a_name_belongs_to_one_process_until_that_falls_silent,
    a_lease_has_one_holder_at_a_time_and_each_has_a_later_epoch,
    a_lease_that_was_not_renewed_goes_to_another_and_is_lost_for_good,
    a_lease_that_is_renewed_late_is_held_as_long_as_nobody_took_it,
    of_many_who_want_a_lease_at_once_one_has_it,
    an_epoch_is_above_the_one_that_is_known_to_have_been,
    leases_have_nothing_to_do_with_each_other,
    the_secret_is_the_first_that_was_proposed,
);

async fn nodes_that_say_that_they_live_are_listed_by_name_until_they_leave_or_fall_silent(engine: Arc<dyn Engine>) {
    let (a, b, c) = (who("a"), who("b"), who("c"));
    for (name, lives) in [(&c, LONG), (&a, LONG), (&b, SHORT)] {
        assert!(matches!(engine.beat(&node(name), lives).await.unwrap(), Beat::Heard(1..)));
    }
    let nodes = engine.nodes().await.unwrap();
    assert_eq!(nodes.iter().filter(|of| of.identity != b).cloned().collect::<Vec<_>>(), [node(&a), node(&c)]);
    eventually("the silent one is gone", vec!["a".to_owned(), "c".to_owned()], async || names(&*engine).await).await;
    let busier = Node { legs: 9, draining: true, ..node(&a) };
    engine.beat(&busier, LONG).await.unwrap();
    assert_eq!(engine.nodes().await.unwrap()[0], busier);
    engine.leave(&a).await.unwrap();
    assert_eq!(names(&*engine).await, ["c"]);
}

async fn a_name_belongs_to_one_process_until_that_falls_silent(engine: Arc<dyn Engine>) {
    let (first, second) = (who("a"), who("a"));
    engine.beat(&node(&first), SHORT).await.unwrap();
    assert_eq!(engine.beat(&node(&second), LONG).await.unwrap(), Beat::Taken);
    engine.leave(&second).await.unwrap();
    eventually("the name is free", true, async || engine.beat(&node(&second), LONG).await.unwrap() != Beat::Taken).await;
    assert_eq!(engine.beat(&node(&first), LONG).await.unwrap(), Beat::Taken);
    assert_eq!(engine.nodes().await.unwrap(), [node(&second)]);
}

async fn a_lease_has_one_holder_at_a_time_and_each_has_a_later_epoch(engine: Arc<dyn Engine>) {
    let (a, b) = (who("a"), who("b"));
    assert_eq!(engine.holder("calls").await.unwrap(), None);
    let first = wins(&*engine, &a, 0, LONG).await;
    let Claim::Held(lease) = engine.claim("calls", &b, 0, LONG).await.unwrap() else { panic!("it is held") };
    assert_eq!((&lease.holder, lease.epoch), (&a, first));
    assert_eq!(engine.holder("calls").await.unwrap(), Some(lease));
    assert!(!engine.renew("calls", &b, first, LONG).await.unwrap(), "another cannot renew it");
    engine.release("calls", &b, first).await.unwrap();
    assert!(engine.renew("calls", &a, first, LONG).await.unwrap());
    engine.release("calls", &a, first).await.unwrap();
    assert_eq!(engine.holder("calls").await.unwrap(), None);
    let second = wins(&*engine, &b, 0, LONG).await;
    assert!(second > first);
    assert!(wins(&*engine, &b, 0, LONG).await > second, "who asks again begins anew");
    assert!(!engine.renew("calls", &b, second, LONG).await.unwrap());
}

async fn a_lease_that_was_not_renewed_goes_to_another_and_is_lost_for_good(engine: Arc<dyn Engine>) {
    let (a, b) = (who("a"), who("b"));
    let (start, first) = (Instant::now(), wins(&*engine, &a, 0, SHORT).await);
    eventually("its end", None, async || engine.holder("calls").await.unwrap()).await;
    assert!(start.elapsed() >= SHORT);
    let second = wins(&*engine, &b, 0, SHORT).await;
    assert!(second > first && !engine.renew("calls", &a, first, LONG).await.unwrap());
    eventually("its end", None, async || engine.holder("calls").await.unwrap()).await;
    assert!(!engine.renew("calls", &a, first, LONG).await.unwrap(), "there was a later one, if there is none now");
    assert_eq!(engine.holder("calls").await.unwrap(), None);
}

async fn a_lease_that_is_renewed_late_is_held_as_long_as_nobody_took_it(engine: Arc<dyn Engine>) {
    let a = who("a");
    let epoch = wins(&*engine, &a, 0, SHORT).await;
    eventually("its end", None, async || engine.holder("calls").await.unwrap()).await;
    assert!(engine.renew("calls", &a, epoch, LONG).await.unwrap());
    assert_eq!(engine.holder("calls").await.unwrap().map(|lease| (lease.holder, lease.epoch)), Some((a, epoch)));
}

async fn of_many_who_want_a_lease_at_once_one_has_it(engine: Arc<dyn Engine>) {
    let claims = (0..20).map(|at| {
        let engine = engine.clone();
        tokio::spawn(async move { matches!(engine.claim("calls", &who(&format!("n{at}")), 0, LONG).await.unwrap(), Claim::Won(_)) })
    });
    let won = futures_util::future::join_all(claims.collect::<Vec<_>>()).await;
    assert_eq!(won.into_iter().filter(|won| *won.as_ref().unwrap()).count(), 1);
}

async fn an_epoch_is_above_the_one_that_is_known_to_have_been(engine: Arc<dyn Engine>) {
    let a = who("a");
    let epoch = wins(&*engine, &a, 41, LONG).await;
    assert_eq!(epoch, 42);
    engine.release("calls", &a, epoch).await.unwrap();
    assert_eq!(wins(&*engine, &a, 7, LONG).await, 43);
}

async fn leases_have_nothing_to_do_with_each_other(engine: Arc<dyn Engine>) {
    let (a, b) = (who("a"), who("b"));
    let epoch = wins(&*engine, &a, 10, LONG).await;
    assert_eq!(engine.claim("other", &b, 0, LONG).await.unwrap(), Claim::Won(1));
    assert_eq!(engine.holder("calls").await.unwrap().map(|lease| lease.epoch), Some(epoch));
}

async fn the_secret_is_the_first_that_was_proposed(engine: Arc<dyn Engine>) {
    let [first, second] = ["a", "b"].map(|letter| letter.repeat(64));
    for proposed in [&first, &second, &first] {
        assert_eq!(engine.secret(proposed).await.unwrap(), first);
    }
}

#[tokio::test]
async fn who_holds_a_lease_holds_it_again_when_redis_has_lost_its_memory() {
    let server = RedisServer::start();
    let engine = Redis::open(&server.url()).await.unwrap();
    let (a, b) = (who("a"), who("b"));
    let epoch = wins(&engine, &a, 5, LONG).await;
    server.runs(&["FLUSHALL"]);
    assert!(engine.renew("calls", &a, epoch, LONG).await.unwrap());
    assert_eq!(engine.holder("calls").await.unwrap().map(|lease| lease.epoch), Some(epoch));
    server.runs(&["FLUSHALL"]);
    assert!(wins(&engine, &b, epoch, LONG).await > epoch, "by what the database knows");
    assert!(!engine.renew("calls", &a, epoch, LONG).await.unwrap());
}

#[tokio::test]
async fn an_engine_whose_redis_was_away_goes_on_when_it_is_back() {
    let server = RedisServer::start();
    let engine = Redis::open(&server.url()).await.unwrap();
    server.stops();
    assert!(engine.holder("calls").await.is_err());
    server.starts();
    eventually("an answer", true, async || engine.holder("calls").await.is_ok()).await;
    server.freezes();
    let asked = Instant::now();
    assert!(engine.holder("calls").await.is_err());
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    server.thaws();
    eventually("an answer", true, async || engine.holder("calls").await.is_ok()).await;
}

#[tokio::test]
async fn what_is_not_ours_under_our_keys_is_counted_and_replaced() {
    const NODES: &str = "{switchboard:1}:nodes";
    const NODE: &str = "{switchboard:1}:node:a";
    const LEASE: &str = "{switchboard:1}:lease:calls";
    const EPOCH: &str = "{switchboard:1}:epoch:calls";
    const SECRET: &str = "{switchboard:1}:secret";
    let server = RedisServer::start();
    let engine = Redis::open(&server.url()).await.unwrap();
    let (a, long) = (who("a"), "x".repeat(100_000));
    let mut counted = 0;
    for garbage in [
        &[&["SET", NODES, "garbage"][..]][..],
        &[&["SET", NODE, &long]],
        &[&["RPUSH", NODES, "a"], &["SADD", NODE, "b"]],
        &[&["ZADD", NODES, "inf", "a"], &["HSET", NODE, "record", &long]],
        &[&["ZADD", NODES, "1", "a"], &["HSET", NODE, "record", "{\"node\": 7}"]],
        &[&["SET", LEASE, "{}"]],
        &[&["HSET", LEASE, "node", "b"]],
        &[&["HSET", LEASE, "node", "b", "run", "c", "epoch", "1", "address", ""]],
        &[&["HSET", LEASE, "node", "b", "run", "c", "epoch", "-1", "address", ""], &["EXPIRE", LEASE, "30"]],
        &[&["HSET", LEASE, "node", &long, "run", "c", "epoch", "1", "address", ""], &["EXPIRE", LEASE, "30"]],
        &[&["SET", EPOCH, "many"]],
        &[&["SET", EPOCH, "-5"]],
        &[&["SET", EPOCH, &"9".repeat(40)]],
        &[&["HSET", EPOCH, "a", "b"]],
        &[&["SET", SECRET, "short"]],
        &[&["SADD", SECRET, "member"]],
    ] {
        garbage.iter().for_each(|words| server.runs(words));
        assert_eq!(engine.nodes().await.unwrap(), [], "{garbage:.80?}");
        assert!(matches!(engine.beat(&node(&a), LONG).await.unwrap(), Beat::Heard(_)), "{garbage:.80?}");
        assert_eq!(engine.nodes().await.unwrap(), [node(&a)], "{garbage:.80?}");
        assert_eq!(wins(&engine, &a, 8, LONG).await, 9, "{garbage:.80?}");
        assert!(engine.renew("calls", &a, 9, LONG).await.unwrap(), "{garbage:.80?}");
        assert_eq!(engine.secret(&"a".repeat(64)).await.unwrap(), "a".repeat(64), "{garbage:.80?}");
        assert!(engine.garbage() > counted, "{garbage:.80?}");
        counted = engine.garbage();
        server.runs(&["FLUSHALL"]);
    }
}

#[tokio::test]
async fn no_more_nodes_are_kept_than_a_cluster_may_have() {
    let server = RedisServer::start();
    let engine = Redis::open(&server.url()).await.unwrap();
    for at in 0..300 {
        engine.beat(&node(&who(&format!("n{at}"))), LONG).await.unwrap();
    }
    assert_eq!(engine.nodes().await.unwrap().len(), 256);
}
