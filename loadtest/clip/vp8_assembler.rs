//! Joins the payloads of a stream, already in order, to frames; tells those that cannot be completed.

use std::collections::VecDeque;

use crate::descriptor::Descriptor;

/// A frame larger than this is not of this world; what claims to be one is dropped so that memory stays bounded.
const MAX_FRAME_BYTES: usize = 4 << 20;

/// One packet that carries something.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    /// Descriptor and VP8 data; `None` when the payload has no valid descriptor.
    pub(crate) content: Option<(Descriptor, Vec<u8>)>,
}

/// A frame all of whose packets are there.
#[derive(Debug, Clone)]
pub(crate) struct CompleteFrame {
    pub(crate) timestamp: u32,
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    /// Of the first packet.
    pub(crate) descriptor: Descriptor,
    pub(crate) data: Vec<u8>,
}

#[derive(Debug, Clone)]
pub(crate) enum Assembled {
    Complete(CompleteFrame),
    /// Parts of a frame came, but never the whole.
    Incomplete,
    /// Packets are lost here; of how many frames nobody knows.
    Hole,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Assembler {
    open: Option<CompleteFrame>,
    /// The timestamp of the frame that was told as incomplete last; more of it may follow.
    given_up: Option<u32>,
    assembled: VecDeque<Assembled>,
}

impl Assembler {
    pub(crate) fn poll(&mut self) -> Option<Assembled> {
        self.assembled.pop_front()
    }

    pub(crate) fn handle(&mut self, seq: u64, after_hole: bool, packet: Packet) {
        if after_hole {
            self.handle_hole();
        }
        let Some((descriptor, data)) = packet.content else {
            self.abandon();
            self.give_up(packet.timestamp);
            return;
        };
        let frame = if descriptor.starts_frame() {
            self.abandon();
            CompleteFrame { timestamp: packet.timestamp, first_seq: seq, last_seq: seq, descriptor, data }
        } else {
            match self.open.take() {
                Some(open) if continues(&open, packet.timestamp, &descriptor, &data) => {
                    let mut frame = CompleteFrame { last_seq: seq, ..open };
                    frame.data.extend_from_slice(&data);
                    frame
                }
                open => {
                    self.open = open;
                    self.abandon();
                    self.give_up(packet.timestamp);
                    return;
                }
            }
        };
        if packet.marker {
            self.assembled.push_back(Assembled::Complete(frame));
        } else {
            self.open = Some(frame);
        }
    }

    /// Packets are lost just before the next one.
    pub(crate) fn handle_hole(&mut self) {
        self.abandon();
        self.assembled.push_back(Assembled::Hole);
    }

    /// The stream ends here.
    pub(crate) fn finish(&mut self) {
        self.abandon();
    }

    fn abandon(&mut self) {
        if let Some(open) = self.open.take() {
            self.give_up(open.timestamp);
        }
    }

    fn give_up(&mut self, timestamp: u32) {
        if self.given_up != Some(timestamp) {
            self.given_up = Some(timestamp);
            self.assembled.push_back(Assembled::Incomplete);
        }
    }
}

fn continues(open: &CompleteFrame, timestamp: u32, descriptor: &Descriptor, data: &[u8]) -> bool {
    open.timestamp == timestamp && open.descriptor.picture_id == descriptor.picture_id && open.data.len() + data.len() <= MAX_FRAME_BYTES
}
