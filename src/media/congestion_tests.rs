use super::*;

fn tried(bps: u64) -> Congestion {
    let begun = Instant::now().checked_sub(2 * MEASURED_AFTER);
    let mut congestion = Congestion { begun, ..Congestion::default() };
    congestion.estimated(Instant::now(), bps);
    congestion
}

#[test]
fn before_the_path_was_tried_there_are_no_limits() {
    let (mut congestion, now) = (Congestion::default(), Instant::now());
    congestion.estimated(now, INITIAL.as_u64());
    assert_eq!(congestion.limits(now, 0, 0, 0, false), None);
    assert!(congestion.limits(now + TRIED_AFTER, 0, 0, 0, false).is_some(), "but not for long");
}

#[test]
fn a_little_too_much_is_borne_for_a_moment() {
    let now = Instant::now();
    let mut congestion = tried(1_000_000);
    assert_eq!(congestion.limits(now, 0, 1_200_000, 0, false).unwrap().keep, 1_200_000);
    assert_eq!(congestion.limits(now + PATIENCE, 0, 1_200_000, 0, false).unwrap().keep, 950_000);
    assert_eq!(congestion.limits(now, 0, 2_000_000, 0, false).unwrap().keep, 950_000, "much too much is not");
}

#[test]
fn upgrades_that_fail_soon_are_held_back_longer_each_time() {
    let mut now = Instant::now();
    let mut congestion = tried(1_000_000);
    for hold in [4, 8, 16, 16] {
        congestion.divided(now, 950_000, 300_000, 900_000);
        congestion.divided(now, 500_000, 900_000, 300_000);
        let just_before = now + Duration::from_secs(hold) - Duration::from_millis(1);
        assert!(congestion.limits(just_before, 0, 300_000, 0, false).unwrap().raise < 800_000, "{hold} s");
        assert!(congestion.limits(just_before + Duration::from_millis(1), 0, 300_000, 0, false).unwrap().raise > 800_000, "{hold} s");
        now = just_before + Duration::from_secs(1);
    }
}

#[test]
fn where_all_that_is_sent_arrives_a_try_in_vain_dares_more_and_the_next_no_more_than_that() {
    let start = Instant::now();
    let at = |seconds: u64| start + Duration::from_secs(seconds);
    let mut congestion = tried(400_000);
    congestion.set_idle(start, true);
    congestion.set_paused(start, true);
    let mut resumes = Vec::new();
    for seconds in 1..=70 {
        congestion.measured(at(seconds), Some(0.0), Some(Duration::from_millis(20)), Duration::ZERO);
        resumes.push(congestion.limits(at(seconds), 0, 0, 0, false).unwrap().resume);
        congestion.set_paused(at(seconds), true);
    }
    // Between two tries nothing is dared.
    resumes.retain(|resume| *resume > 1_000_000);
    assert_eq!(resumes, [2_400_000, 9_600_000, 9_600_000, 9_600_000, 9_600_000]);
}
