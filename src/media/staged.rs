//! What is to be written to a leg's streams when it has its turn. In str0m a picture and a voice of the same moment would go in any
//! order; what has not been written yet cannot go before.

use str0m::Rtc;
use str0m::rtp::{RtpWrite, Ssrc};

use crate::source::SourceKind;
use crate::waiting::Turn;

/// Room for the packets of a frame is kept; that of a keyframe's is given back.
const KEPT: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Staged {
    voices: Vec<(Ssrc, RtpWrite)>,
    pictures: Vec<(Ssrc, RtpWrite)>,
}

impl Staged {
    /// Where packets of a kind are laid by.
    pub(crate) fn of(&mut self, kind: SourceKind) -> &mut Vec<(Ssrc, RtpWrite)> {
        if kind.is_video() { &mut self.pictures } else { &mut self.voices }
    }

    /// Writes what has its turn; gives how many of it are voices. Many packets are written before the leg is drained: str0m asks for a
    /// drain after each change, but its RTP writes only append to a queue that the next input looks at, so they are one change.
    pub(crate) fn write(&mut self, rtc: &mut Rtc, turn: Turn) -> usize {
        let voices = self.voices.len();
        let pictures = if turn == Turn::Rest { self.pictures.len() } else { 0 };
        for (ssrc, packet) in self.voices.drain(..).chain(self.pictures.drain(..pictures)) {
            // A slot's stream is there for as long as its leg.
            if let Some(stream) = rtc.direct_api().stream_tx(&ssrc) {
                stream.write_rtp(packet);
            }
        }
        for staged in [&mut self.voices, &mut self.pictures] {
            if staged.is_empty() && staged.capacity() > KEPT {
                staged.shrink_to(KEPT);
            }
        }
        voices
    }
}
