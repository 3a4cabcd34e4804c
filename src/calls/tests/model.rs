//! Random transitions: the machine does what the reference does, and takes up whatever a crash left of its records.
//!
//! `PROPTEST_CASES` sets how many cases are played. The seed is constant; a case that fails is printed in its smallest form.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use switchboard_calls::*;

use crate::play::Play;
use crate::step::{Step, step};
use crate::story::Stories;

/// How many cases unless the environment says otherwise; of crashes a part of them, each of which plays a whole case first.
const CASES: u32 = 10_000;
const CRASHES: u32 = 2_500;

/// Restores what `records` tell and lets everything that came back run out: whatever was cut off, every call ends.
fn restore_and_run_out(play: Play, records: Vec<Record>, return_of: usize) {
    let mut stories = Stories::default();
    records.into_iter().for_each(|record| stories.tell(record));
    let mut machine = Calls::new(play.config);
    let mut now = play.now;
    machine.restore(now, stories.running());
    let devices = stories.devices();
    for device in devices.iter().skip(return_of % 3).step_by(2) {
        machine.device_resumed(now, *device);
    }
    for device in &devices {
        assert!(machine.active_call_of(*device).is_none_or(|call| machine.calls_of_device(*device).contains(&call)));
    }
    for user in stories.users() {
        let active = machine.calls_of_user(user).into_iter().filter(|(_, state, _)| *state == SeatState::Active).count();
        assert!(active <= 1, "active twice");
    }
    while let Some(at) = machine.poll_timeout() {
        assert!(at > now, "due and not done");
        now = at;
        machine.handle_timeout(now);
    }
    devices.iter().for_each(|device| machine.device_gone(now, *device));
    while let Some(output) = machine.poll_output() {
        if let Output::Record(record) = output {
            stories.tell(record);
        }
    }
    assert!(machine.is_idle());
    assert_eq!(stories.running(), []);
}

fn config(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(0x5eed), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn the_machine_does_what_the_reference_does_and_keeps_every_law(
        max_held in 1..=2_usize,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut play = Play::new(max_held);
        for step in &steps {
            play.step(step);
        }
        play.finish();
    }
}

proptest! {
    #![proptest_config(config(CRASHES))]

    #[test]
    fn whatever_a_crash_leaves_of_the_records_is_restored_to_calls_that_end(
        steps in prop::collection::vec(step(), 1..40),
        cut in any::<prop::sample::Index>(),
        lost in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        return_of in any::<usize>(),
    ) {
        let mut play = Play::new(2);
        for step in steps.iter().filter(|step| !matches!(step, Step::Restart)) {
            play.step(step);
        }
        let mut records = play.watch.stories.written.clone();
        records.truncate(cut.index(records.len() + 1));
        for lost in lost {
            let droppable = |record: &Record| matches!(record, Record::SeatState { .. } | Record::Answered { .. });
            let at: Vec<_> = (0..records.len()).filter(|&at| droppable(&records[at])).collect();
            if !at.is_empty() {
                records.remove(at[lost.index(at.len())]);
            }
        }
        restore_and_run_out(play, records, return_of);
    }
}
