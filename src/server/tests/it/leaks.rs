//! What calls leave behind: nothing.

use std::fs;

use switchboard_protocol::{EndReason, Request};

use crate::support::{TestApp, eventually};

/// The number a metric shows.
async fn metric(app: &TestApp, name: &str) -> u64 {
    let (_, text) = app.admin("/metrics").await;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is not in\n{text}")).parse().unwrap()
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn two_hundred_calls_leave_no_leg_task_socket_or_running_row() {
    let app = TestApp::start().await;
    let mut pairs = Vec::new();
    for pair in 0..10 {
        let (caller, callee) = (app.register(&format!("Caller {pair}")).await, app.register(&format!("Callee {pair}")).await);
        caller.befriends(&callee).await;
        let devices = (caller.connects().await, callee.connects().await);
        pairs.push((caller, callee, devices));
    }
    // One call by each first: what is made once and kept belongs to the beginning.
    let mut before = None;
    for round in 0..21 {
        for (_, callee, (a, b)) in &mut pairs {
            let call = a.calls(&[callee]).await;
            b.rings().await;
            match round % 3 {
                0 => {
                    b.accepts(call).await.unwrap();
                    a.asks(Request::HangUp { call }).await.unwrap();
                    assert_eq!(b.sees_the_end(call).await, EndReason::HungUp);
                }
                1 => {
                    b.asks(Request::Decline { call }).await.unwrap();
                    assert_eq!(a.sees_the_end(call).await, EndReason::Declined);
                }
                _ => {
                    a.asks(Request::Cancel { call }).await.unwrap();
                    assert_eq!(a.sees_the_end(call).await, EndReason::Cancelled);
                }
            }
        }
        if round == 0 {
            eventually("the legs of the first calls to go", 0, async || metric(&app, "switchboard_legs").await).await;
            before = Some((tasks(), open_files()));
        }
    }
    let (tasks_before, files_before) = before.unwrap();
    eventually("no leg", 0, async || metric(&app, "switchboard_legs").await).await;
    eventually("no call that rings", 0, async || metric(&app, r#"switchboard_calls{kind="video",state="ringing"}"#).await).await;
    eventually("no call that runs", 0, async || metric(&app, r#"switchboard_calls{kind="video",state="active"}"#).await).await;
    eventually("no row of a running call", 0, async || switchboard::store::calls::running_count(&app.store).await.unwrap()).await;
    eventually("no more tasks than before", true, async || tasks() <= tasks_before).await;
    eventually("no more open files than before", true, async || open_files() <= files_before).await;
    assert_eq!(metric(&app, "switchboard_devices").await, 20);

    for (_, _, (a, b)) in pairs {
        a.leaves().await;
        b.leaves().await;
    }
    eventually("no device", 0, async || metric(&app, "switchboard_devices").await).await;
}
