//! People who come into a room of Janus that others are in, and leave it while those stay.

use std::process::{Command, Output};

use serde_json::Value;

use super::{alone, can_compare, loadtest, said};

#[test]
fn people_come_into_a_room_of_janus_and_leave_it_while_others_stay() {
    if !can_compare("people_come_into_a_room_of_janus_and_leave_it_while_others_stay") {
        return;
    }
    let _alone = alone();
    let args = ["livestream", "--sfu=janus", "--receivers=3", "--turnover=1", "--seconds=5", "--warm-up=0.5", "--json"];
    let output = between_two_namespaces(&args);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer} in {report:#}"));
    let joined = number("/found/joined");
    assert!((2..=5).contains(&joined) && number("/found/left") == joined, "{report:#}");
    assert_eq!((number("/found/unseeing"), number("/failed")), (0, 0), "{report:#}");
    assert_eq!((number("/peers"), number("/connected"), number("/showing")), (4, 4, 3), "as many as before: {report:#}");
    assert_eq!(number("/accept_to_first_frame_ms/count"), 3 + joined, "{report:#}");
    assert_eq!(number("/join_ms/count"), 4 + joined, "nobody who stayed was connected anew: {report:#}");
}

fn between_two_namespaces(args: &[&str]) -> Output {
    let alone = |flags: &[&str]| Command::new("unshare").args(flags).args(["--net", "true"]).output().is_ok_and(|ran| ran.status.success());
    let flags = if alone(&[]) { &[][..] } else { &["--map-root-user"][..] };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compare/network.sh");
    let program = loadtest().get_program().to_owned();
    Command::new("unshare").args(flags).args(["--net", "--", "sh", script]).arg(program).args(args).output().unwrap()
}
