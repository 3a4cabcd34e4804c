//! How a call was heard and seen.

use std::time::Duration;

use switchboard_calls::*;
use switchboard_ids::CallId;

use crate::bench::*;

const GOOD: Report = Report { received: 1000, lost: 0, rtt_ms: 20.0, jitter_ms: 2.0, frozen_ms: 0 };
const BAD: Report = Report { received: 900, lost: 100, rtt_ms: 300.0, jitter_ms: 30.0, frozen_ms: 1500 };

fn report(bench: &mut Bench, call: CallId, who: Endpoint, report: Report) {
    bench.calls.report(bench.now, call, who, report).expect("the device is in the call");
}

/// The line of quality that `reports`, five seconds apart, amount to.
fn line(reports: &[Report]) -> Option<Quality> {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    for each in reports {
        bench.wait(Duration::from_secs(5));
        report(&mut bench, call, BOB.laptop, *each);
    }
    bench.hang_up(call, ALICE.laptop);
    let lines = lines(&mut bench);
    assert!(lines.len() <= 1);
    lines.first().map(|(user, quality)| {
        assert_eq!(*user, BOB.user);
        *quality
    })
}

fn lines(bench: &mut Bench) -> Vec<(switchboard_ids::UserId, Quality)> {
    let lines = bench.history().into_iter().filter_map(|record| match record {
        Record::Quality { user, quality, .. } => Some((user, quality)),
        _ => None,
    });
    lines.collect()
}

fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 0.005, "{got} instead of {expected}");
}

#[test]
fn a_perfect_connection_scores_what_the_model_allows_at_most() {
    let quality = line(&[Report { received: 100, ..Report::default() }]).expect("it was heard");
    near(quality.mos, 4.40);
    assert_eq!((quality.loss, quality.frozen_ms), (0.0, 0));
}

#[test]
fn a_score_is_that_of_the_e_model() {
    let score = |loss_percent: u64, rtt_ms: f64, jitter_ms: f64| {
        let report = Report { received: 100 - loss_percent, lost: loss_percent, rtt_ms, jitter_ms, frozen_ms: 0 };
        line(&[report]).expect("it was heard").mos
    };
    // Worked by hand from G.107: R = 93.2 − Id − Ie,eff, then annex B.
    near(score(0, 100.0, 10.0), 4.364); // Id = 0.024 · 90 = 2.16, R = 91.04
    near(score(5, 0.0, 0.0), 3.731); // Ie,eff = 95 · 5 / 24 = 19.79, R = 72.93
    near(score(0, 600.0, 40.0), 3.053); // Id = 0.024 · 400 + 0.11 · 222.7 = 34.10, R = 59.10
    near(score(99, 10_000.0, 0.0), 1.0);
}

#[test]
fn losses_and_freezes_add_up_and_times_are_means_over_packets() {
    let quality = line(&[GOOD, Report { received: 2700, lost: 300, ..BAD }]).expect("it was heard");
    near(quality.loss, 300.0 / 4000.0);
    near(quality.rtt_ms, (20.0 + 3.0 * 300.0) / 4.0);
    near(quality.jitter_ms, (2.0 + 3.0 * 30.0) / 4.0);
    assert_eq!(quality.frozen_ms, 1500);
}

#[test]
fn the_worst_moment_is_that_of_the_report_with_the_lowest_score() {
    let quality = line(&[GOOD, BAD, GOOD]).expect("it was heard");
    let start = Bench::new().now;
    assert_eq!(quality.worst_at, start.saturating_add(Duration::from_secs(10)));
    assert!(quality.worst_mos < quality.mos && quality.mos < 4.4);
    near(quality.worst_mos, line(&[BAD]).expect("it was heard").mos);
}

#[test]
fn reports_that_cannot_be_true_are_passed_over() {
    for wrong in [
        Report { rtt_ms: f64::NAN, ..BAD },
        Report { rtt_ms: f64::INFINITY, ..BAD },
        Report { rtt_ms: -1.0, ..BAD },
        Report { jitter_ms: f64::NAN, ..BAD },
        Report { jitter_ms: -0.1, ..BAD },
        Report { received: u64::MAX, ..BAD },
        Report { lost: u64::MAX, ..BAD },
    ] {
        assert_eq!(line(&[wrong]), None, "{wrong:?}");
        assert_eq!(line(&[wrong, GOOD]).map(|quality| quality.loss), Some(0.0), "{wrong:?}");
    }
}

#[test]
fn what_is_too_large_is_cut() {
    let absurd = Report { rtt_ms: 1e300, jitter_ms: 1e300, frozen_ms: u64::MAX, ..GOOD };
    let quality = line(&[absurd, absurd]).expect("it was heard");
    assert_eq!((quality.rtt_ms, quality.jitter_ms, quality.frozen_ms), (10_000.0, 2_000.0, 2 * 25 * 60_000));
    assert_eq!(quality.mos, 1.0);
}

#[test]
fn a_seat_that_received_nothing_has_no_line() {
    assert_eq!(line(&[]), None);
    assert_eq!(line(&[Report { received: 0, ..BAD }]), None);
    assert_eq!(line(&[Report { received: 0, lost: 0, ..BAD }]), None);
}

#[test]
fn a_line_is_written_when_the_seat_is_left_and_goes_on_when_it_comes_back() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    report(&mut bench, call, BOB.laptop, GOOD);
    assert_eq!(lines(&mut bench), []);
    bench.hang_up(call, BOB.laptop);
    assert_eq!(lines(&mut bench).len(), 1);
    bench.join(call, BOB.phone);
    report(&mut bench, call, BOB.phone, BAD);
    report(&mut bench, call, ALICE.laptop, GOOD);
    bench.hang_up(call, BOB.phone);
    let (_, quality) = lines(&mut bench)[0];
    near(quality.loss, 100.0 / 2000.0);
    bench.hang_up(call, ALICE.laptop);
    assert_eq!(lines(&mut bench).into_iter().map(|line| line.0).collect::<Vec<_>>(), [ALICE.user], "bob's is written already");
}

#[test]
fn only_a_device_in_the_call_reports() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.hang_up(call, CAROL.laptop);
    bench.outputs();
    let mut refused = |who| bench.calls.report(bench.now, call, who, GOOD);
    assert_eq!(refused(BOB.phone), Err(SeatError::WrongState));
    assert_eq!(refused(CAROL.laptop), Err(SeatError::CallOver));
    assert_eq!(refused(DAVE.laptop), Err(SeatError::UnknownCall));
}
