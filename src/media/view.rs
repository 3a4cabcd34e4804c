//! What a receiver looks at, and what a sender has switched on: said by whoever drives the router.

use crate::leg::LegId;
use crate::source::SourceKind;

/// How high a slot is taken to be drawn that a view does not name, in pixels: a small tile.
pub(crate) const DEFAULT_HEIGHT: u16 = 180;

/// How high the slots of a client are taken to be drawn that has said nothing of any: it may show one of them as large as there is.
pub(crate) const UNSAID_HEIGHT: u16 = 720;

/// What a client shows of its video and screen slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The slots, each once. Those not named are filled by the router's choice and taken to be small.
    pub tiles: Vec<Tile>,
}

/// One slot as a client shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// The slot's `a=mid` (RFC 8843 §8). One that is no video or screen slot of the leg is passed over.
    pub mid: String,
    /// How high the picture is drawn, in device pixels; 0 when it is not visible, which costs nothing.
    pub height: u16,
    /// Whose picture is wanted in it; `None` leaves the choice to the router: whoever spoke last.
    pub shows: Option<LegId>,
    /// Whether it goes before others where the path cannot carry them all.
    pub pinned: bool,
}

/// Which of its sources a leg has switched on. What is off takes no slot, and counts for no speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources {
    /// The microphone is not muted.
    pub microphone: bool,
    /// The camera is on.
    pub camera: bool,
    /// The screen is shared.
    pub screen: bool,
}

impl Default for Sources {
    /// All of them, until somebody says otherwise.
    fn default() -> Self {
        Self { microphone: true, camera: true, screen: true }
    }
}

impl Sources {
    /// Whether a kind is on.
    pub const fn has(self, kind: SourceKind) -> bool {
        match kind {
            SourceKind::Microphone => self.microphone,
            SourceKind::Camera => self.camera,
            SourceKind::Screen => self.screen,
        }
    }
}
