//! The transitions of the model test, and how often each comes.

use proptest::prelude::*;
use switchboard_calls::{Current, MediaState, Report};

use crate::play::USERS;

/// A number that picks, modulo their count, among what fits the step; `wild` picks among everything, fitting or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pick {
    pub(crate) pick: usize,
    pub(crate) wild: bool,
}

/// Who is called, who of them may not be, and who may be offered a call in another: a bit for each user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bits {
    pub(crate) users: u8,
    pub(crate) blocked: u8,
    pub(crate) waiting: u8,
}

/// One transition.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Place {
        device: usize,
        callees: Bits,
        media: MediaState,
    },
    Invite {
        pick: Pick,
        callees: Bits,
    },
    Warm {
        pick: Pick,
    },
    Accept {
        pick: Pick,
        media: MediaState,
        current: Option<Current>,
    },
    Join {
        pick: Pick,
        media: MediaState,
        current: Option<Current>,
    },
    Hold {
        pick: Pick,
    },
    Unhold {
        pick: Pick,
        current: Option<Current>,
    },
    Decline {
        pick: Pick,
    },
    Cancel {
        pick: Pick,
    },
    HangUp {
        pick: Pick,
    },
    MediaLost {
        pick: Pick,
    },
    SetMedia {
        pick: Pick,
        media: MediaState,
    },
    Report {
        pick: Pick,
        report: Report,
    },
    Appear {
        user: u128,
    },
    Lost {
        pick: usize,
    },
    Return {
        pick: usize,
    },
    Gone {
        pick: usize,
    },
    /// The machine is dropped, and another takes up what was recorded.
    Restart,
    /// Time passes unnoticed by the machine, until the next step.
    Pass {
        ms: u64,
    },
    /// The next deadline is reached, unnoticed by the machine until the next step.
    LateTimer,
    Timeout,
    Deadline,
    ClockBack {
        ms: u64,
    },
}

fn media() -> impl Strategy<Value = MediaState> {
    any::<(bool, bool, bool)>().prop_map(|(microphone, camera, screen)| MediaState { microphone, camera, screen })
}

fn pick() -> impl Strategy<Value = Pick> {
    (any::<usize>(), proptest::bool::weighted(0.15)).prop_map(|(pick, wild)| Pick { pick, wild })
}

fn bits() -> impl Strategy<Value = Bits> {
    any::<(u8, u8, u8, u8, u8, u8, bool)>().prop_map(|(a, b, c, d, e, waiting, one)| {
        let users = if one { 2 << (u128::from(a) % USERS) } else { a | 1 };
        Bits { users, blocked: b & c & d & e, waiting: waiting | e }
    })
}

fn current() -> impl Strategy<Value = Option<Current>> {
    prop_oneof![Just(None), Just(Some(Current::Hold)), Just(Some(Current::Hold)), Just(Some(Current::Leave))]
}

fn report() -> impl Strategy<Value = Report> {
    let count = |most: u64| prop_oneof![1 => Just(0), 3 => 1..most];
    (count(100), count(50), count(1000), proptest::bool::weighted(0.1)).prop_map(|(received, lost, frozen_ms, wrong)| Report {
        received,
        lost,
        rtt_ms: if wrong { f64::NAN } else { 50.0 },
        jitter_ms: 5.0,
        frozen_ms,
    })
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let calls = prop_oneof![
        22 => (any::<usize>(), bits(), media()).prop_map(|(device, callees, media)| Step::Place { device, callees, media }),
        8 => (pick(), bits()).prop_map(|(pick, callees)| Step::Invite { pick, callees }),
        6 => pick().prop_map(|pick| Step::Warm { pick }),
        24 => (pick(), media(), current()).prop_map(|(pick, media, current)| Step::Accept { pick, media, current }),
        10 => (pick(), media(), current()).prop_map(|(pick, media, current)| Step::Join { pick, media, current }),
        5 => pick().prop_map(|pick| Step::Hold { pick }),
        6 => (pick(), current()).prop_map(|(pick, current)| Step::Unhold { pick, current }),
        6 => pick().prop_map(|pick| Step::Decline { pick }),
        2 => pick().prop_map(|pick| Step::Cancel { pick }),
        6 => pick().prop_map(|pick| Step::HangUp { pick }),
        2 => pick().prop_map(|pick| Step::MediaLost { pick }),
        4 => (pick(), media()).prop_map(|(pick, media)| Step::SetMedia { pick, media }),
        4 => (pick(), report()).prop_map(|(pick, report)| Step::Report { pick, report }),
    ];
    let rest = prop_oneof![
        6 => (1..=USERS).prop_map(|user| Step::Appear { user }),
        7 => any::<usize>().prop_map(|pick| Step::Lost { pick }),
        6 => any::<usize>().prop_map(|pick| Step::Return { pick }),
        3 => any::<usize>().prop_map(|pick| Step::Gone { pick }),
        2 => Just(Step::Restart),
        7 => (0..15_000_u64).prop_map(|ms| Step::Pass { ms }),
        2 => Just(Step::LateTimer),
        2 => Just(Step::Timeout),
        3 => Just(Step::Deadline),
        1 => (1..50_000_u64).prop_map(|ms| Step::ClockBack { ms }),
    ];
    prop_oneof![5 => calls, 2 => rest]
}
