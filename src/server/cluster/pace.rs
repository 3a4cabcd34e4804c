//! How quickly nodes notice each other.

use std::time::Duration;

/// How quickly nodes notice each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How long a lease lasts that is not renewed: what a call waits for when its node dies, and what a busy node may be late.
    pub(super) lasts: Duration,
    /// How often it is renewed, or its holder looked for.
    pub(super) renew: Duration,
    pub(super) look: Duration,
    /// A node that says nothing for so long is gone; it says something this often.
    pub(super) lives: Duration,
    pub(super) beat: Duration,
}

impl Pace {
    /// Of a node among others.
    pub(super) const TOGETHER: Self = Self {
        lasts: Duration::from_secs(2),
        renew: Duration::from_millis(500),
        look: Duration::from_millis(250),
        lives: Duration::from_secs(3),
        beat: Duration::from_secs(1),
    };

    /// Of one that is alone: there is nobody to notice anything, so it need not wake up for that.
    pub(super) const ALONE: Self = Self {
        lasts: Duration::from_secs(3_600),
        renew: Duration::from_secs(900),
        look: Duration::from_secs(1),
        lives: Duration::from_secs(3_600),
        beat: Duration::from_secs(900),
    };
}

const _: () = assert!(3 * Pace::TOGETHER.renew.as_millis() < Pace::TOGETHER.lasts.as_millis());
const _: () = assert!(2 * Pace::TOGETHER.beat.as_millis() < Pace::TOGETHER.lives.as_millis());
