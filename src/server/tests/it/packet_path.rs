//! What the packet path does, as operators can see it.

use std::collections::BTreeMap;

use crate::support::{TestApp, eventually};

/// All numbers of a page of metrics, by their names and labels.
fn numbers(page: &str) -> BTreeMap<String, u64> {
    let numbers = page.lines().filter(|line| line.starts_with("switchboard_")).filter_map(|line| {
        let (name, value) = line.rsplit_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    });
    numbers.collect()
}

#[tokio::test]
async fn a_call_shows_in_how_many_datagrams_pass_together_and_how_often_legs_are_polled() {
    let app = TestApp::start_with(&["--no-limits", "--media-udp", "0,0", "--spread-after", "2"]).await;
    let (_call, guests) = app.in_one_call(["Anna", "Boris", "Clara"]).await;
    for guest in &guests {
        guest.peer.speaks(true);
        guest.peer.shows(true);
    }
    // The numbers of a page may be from two moments, so the right ones are waited for.
    eventually("all that is sent is in runs, and all that is received in batches", true, async || {
        let page = numbers(&app.admin("/metrics").await.1);
        let of = |name: &str| page[&format!("switchboard_{name}")];
        let (received, sent) = (r#"packets_received_total{kind="datagram"}"#, r#"packets_sent_total{kind="datagram"}"#);
        let together = |name: &str| {
            let up_to = |bound: &str| of(&format!("media_{name}_datagrams_bucket{{le=\"{bound}\"}}"));
            let of = |part: &str| of(&format!("media_{name}_datagrams_{part}"));
            assert!(up_to("1") <= up_to("2") && up_to("2") <= up_to("64") && up_to("64") <= up_to("+Inf"), "{page:?}");
            assert_eq!(up_to("+Inf"), of("count"), "{page:?}");
            (of("count"), of("sum"))
        };
        let (batches, in_batches) = together("received_batch");
        let (runs, in_runs) = together("sent_run");
        let did = |kind: &str| of(&format!("media_events_total{{kind=\"{kind}\"}}"));
        let (turns, polls) = (did("turn"), did("leg_polled"));
        // Each has an answer to an offer, and an opened gate.
        (in_batches, in_runs) == (of(received), of(sent))
            && runs > 100
            && runs < in_runs
            && (1..=in_batches).contains(&batches)
            && turns > 0
            && polls > in_batches
            && did("command") >= 6
    })
    .await;
}
