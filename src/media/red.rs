//! Redundant audio (RED, RFC 2198): each packet of a voice repeats the one before it, so that a lost packet is no gap.
//!
//! What a sender does and what a receiver takes are independent: a sender's RED is taken apart on the way in, which also gives
//! back what was lost on its way here, and it is made anew for those who take it.

use std::cell::OnceCell;
use std::sync::Arc;

use str0m::media::Pt;
use str0m::rtp::RedDecoder;

use crate::counters::Drop;

/// The block header's offset has 14 bits and its length 10 (RFC 2198 §3).
const MAX_OFFSET: u32 = (1 << 14) - 1;
const MAX_BLOCK: usize = (1 << 10) - 1;
/// A payload this large still fits the path MTU of 1,200 bytes with its headers.
const MAX_PAYLOAD: usize = 1_100;
/// Of one block before the last (RFC 2198 §3).
const HEADERS: usize = 5;
/// How many packets back a sender's redundancy is looked for. Browsers repeat one or two.
const DEPTH: u64 = 8;

/// On a path that carries less, bits per second, a voice is sent once: twice, it would take the place of the smallest picture.
const TIGHT: u64 = 250_000;
/// It is sent twice again above this, so that an estimate which wavers does not switch it to and fro.
const ROOMY: u64 = 290_000;
const _: () = assert!(TIGHT < ROOMY);

/// Whether RED is left away on a path estimated to carry so much, given whether it was until here.
pub(crate) const fn is_left_away(bps: u64, until_here: bool) -> bool {
    bps < if until_here { ROOMY } else { TIGHT }
}

/// One packet of a voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Extended sequence number.
    pub(crate) seq: u64,
    /// RTP timestamp.
    pub(crate) time: u32,
    /// Opus.
    pub(crate) payload: Arc<[u8]>,
}

/// A packet of a voice for those who take RED: it and the one before.
#[derive(Debug, Clone)]
pub(crate) struct Redundancy {
    before: Arc<[u8]>,
    offset: u32,
    /// As it was made first, and the payload type in it: receivers of one kind of browser share it.
    made: OnceCell<(Pt, Arc<[u8]>)>,
}

/// What a packet gives.
#[derive(Debug)]
pub(crate) struct Spoken {
    /// Those before it that were lost and are in it once more, in order.
    pub(crate) restored: Vec<Word>,
    /// Its own Opus.
    pub(crate) payload: Arc<[u8]>,
    pub(crate) redundancy: Option<Redundancy>,
}

impl Spoken {
    /// A payload and nothing else.
    pub(crate) const fn plain(payload: Arc<[u8]>) -> Self {
        Self { restored: Vec::new(), payload, redundancy: None }
    }
}

/// A voice as it comes in.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    newest: Option<Word>,
    /// Which of the last 64 were restored: the lowest bit is the newest.
    restored: u64,
}

impl Incoming {
    /// The sender began a new stream.
    pub(crate) fn restart(&mut self) {
        *self = Self::default();
    }

    /// Takes a packet; `red` is the payload type that Opus has inside, if the packet is RED.
    pub(crate) fn hear(&mut self, seq: u64, time: u32, payload: Arc<[u8]>, red: Option<Pt>) -> Result<Spoken, Drop> {
        let late = self.newest.as_ref().and_then(|newest| newest.seq.checked_sub(seq));
        if late.is_some_and(|late| late < 64 && self.restored >> late & 1 != 0) {
            return Err(Drop::AlreadyRestored);
        }
        let mut restored = Vec::new();
        let payload = match red {
            None => payload,
            Some(opus) => {
                let blocks = RedDecoder::decode(&payload).map_err(|_| Drop::BadRed)?;
                let (primary, before) = blocks.split_last().filter(|(primary, _)| primary.pt == *opus).ok_or(Drop::BadRed)?;
                let before = before.iter().filter(|block| block.pt == *opus && !block.payload.is_empty());
                restored = self.missing(seq, time, before.map(|block| (block.timestamp_offset, block.payload)));
                Arc::from(primary.payload)
            }
        };
        let word = Word { seq, time, payload };
        if late.is_some() {
            return Ok(Spoken { restored, payload: word.payload, redundancy: None });
        }
        for one in &restored {
            self.advance(one, true);
        }
        let redundancy = self.newest.as_ref().and_then(|before| Redundancy::of(before, &word));
        self.advance(&word, false);
        Ok(Spoken { restored, payload: word.payload, redundancy })
    }

    /// The blocks, oldest first, that stand for packets between the newest and this one. The last of them is the packet just before
    /// (as every sender of one does), and its offset the time of a packet, which tells the others' places.
    fn missing<'a>(&self, seq: u64, time: u32, blocks: impl DoubleEndedIterator<Item = (u32, &'a [u8])>) -> Vec<Word> {
        let Some(newest) = &self.newest else { return Vec::new() };
        if newest.seq + 1 >= seq {
            return Vec::new();
        }
        let mut step = None;
        let mut found: Vec<Word> = Vec::new();
        for (offset, payload) in blocks.rev() {
            let step = *step.get_or_insert(offset);
            let back = u64::from(offset.checked_div(step).unwrap_or(0));
            let at = Word { seq: seq.saturating_sub(back), time: time.wrapping_sub(offset), payload: Arc::from(payload) };
            let before = found.last().map_or((seq, time), |later| (later.seq, later.time));
            let fits = |earlier: u32, later: u32| (1..1 << 31).contains(&later.wrapping_sub(earlier));
            let in_order = at.seq > newest.seq && at.seq < before.0 && fits(newest.time, at.time) && fits(at.time, before.1);
            if (1..=DEPTH).contains(&back) && in_order {
                found.push(at);
            }
        }
        found.reverse();
        found
    }

    fn advance(&mut self, word: &Word, restored: bool) {
        let step = self.newest.as_ref().map_or(0, |newest| word.seq.saturating_sub(newest.seq));
        let shifted = u32::try_from(step).ok().and_then(|step| self.restored.checked_shl(step));
        self.restored = shifted.unwrap_or(0) | u64::from(restored);
        self.newest = Some(word.clone());
    }
}

impl Redundancy {
    /// Of two packets in a row, where RED can hold both.
    fn of(before: &Word, word: &Word) -> Option<Self> {
        let offset = word.time.wrapping_sub(before.time);
        let (length, both) = (before.payload.len(), before.payload.len() + word.payload.len() + HEADERS);
        let fits = (1..=MAX_OFFSET).contains(&offset) && (1..=MAX_BLOCK).contains(&length) && both <= MAX_PAYLOAD;
        let adjacent = before.seq + 1 == word.seq;
        (adjacent && fits).then(|| Self { before: before.payload.clone(), offset, made: OnceCell::new() })
    }

    /// The RED payload, for a receiver that gave Opus the payload type `opus`, around the packet's own payload.
    pub(crate) fn payload(&self, opus: Pt, primary: &[u8]) -> Arc<[u8]> {
        let (made_for, made) = self.made.get_or_init(|| (opus, self.encode(opus, primary)));
        if *made_for == opus { made.clone() } else { self.encode(opus, primary) }
    }

    /// RFC 2198 §3: a header of four bytes for the block before and of one for the last, then both blocks.
    fn encode(&self, opus: Pt, primary: &[u8]) -> Arc<[u8]> {
        let fields = self.offset << 10 | self.before.len() as u32;
        let [_, high, middle, low] = fields.to_be_bytes();
        [&[0x80 | *opus, high, middle, low, *opus], &*self.before, primary].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use str0m::rtp::{RedEncoder, RedundantBlock};

    use super::*;

    const OPUS: u8 = 111;

    fn plain(at: u8) -> Arc<[u8]> {
        Arc::from([at; 40])
    }

    /// The packet `at` of a sender of RED that repeats those so many packets back.
    fn red(at: u8, distances: &[u8]) -> Arc<[u8]> {
        let block = |back: &u8| RedundantBlock { pt: OPUS, timestamp_offset: u32::from(*back) * 960, payload: plain(at - back).to_vec() };
        let blocks: Vec<RedundantBlock> = distances.iter().rev().map(block).collect();
        RedEncoder::encode(OPUS, &plain(at), &blocks).into()
    }

    fn hear(voice: &mut Incoming, at: u8, payload: Arc<[u8]>, is_red: bool) -> Result<Spoken, Drop> {
        voice.hear(70_000 + u64::from(at), u32::from(at).wrapping_mul(960).wrapping_sub(4_000), payload, is_red.then(|| OPUS.into()))
    }

    fn word(at: u8) -> Word {
        Word { seq: 70_000 + u64::from(at), time: u32::from(at).wrapping_mul(960).wrapping_sub(4_000), payload: plain(at) }
    }

    #[test]
    fn red_made_of_plain_packets_carries_each_twice() {
        let mut voice = Incoming::default();
        assert!(hear(&mut voice, 1, plain(1), false).unwrap().redundancy.is_none(), "nothing comes before the first");
        let spoken = hear(&mut voice, 2, plain(2), false).unwrap();
        for pt in [OPUS, 96] {
            let payload = spoken.redundancy.as_ref().unwrap().payload(pt.into(), &spoken.payload);
            let blocks = RedDecoder::decode(&payload).unwrap();
            let seen: Vec<_> = blocks.iter().map(|block| (block.pt, block.timestamp_offset, block.payload)).collect();
            assert_eq!(seen, [(pt, 960, &*plain(1)), (pt, 0, &*plain(2))]);
        }
    }

    #[test]
    fn what_a_sender_of_red_repeats_fills_the_hole_and_nothing_else() {
        // (distances, lost, restored)
        let table: [(&[u8], &[u8], &[u8]); 6] = [
            (&[1], &[], &[]),
            (&[1], &[12], &[12]),
            (&[1], &[11, 12], &[12]),
            (&[1, 2], &[11, 12], &[11, 12]),
            (&[1, 3], &[10, 11, 12], &[10, 12]),
            (&[2], &[12], &[]),
        ];
        for (distances, lost, restored) in table {
            let mut voice = Incoming::default();
            let heard: Vec<Word> = (9..=13)
                .filter(|at| !lost.contains(at))
                .flat_map(|at| {
                    let spoken = hear(&mut voice, at, red(at, distances), true).unwrap();
                    assert_eq!(spoken.payload, plain(at));
                    spoken.restored
                })
                .collect();
            let expected: Vec<Word> = restored.iter().map(|at| word(*at)).collect();
            assert_eq!(heard, expected, "{distances:?} without {lost:?}");
        }
    }

    #[test]
    fn what_was_restored_is_not_taken_again_and_what_was_not_still_is() {
        let mut voice = Incoming::default();
        hear(&mut voice, 1, red(1, &[]), true).unwrap();
        assert_eq!(hear(&mut voice, 4, red(4, &[1]), true).unwrap().restored, [word(3)]);
        assert_eq!(hear(&mut voice, 3, red(3, &[1]), true).unwrap_err(), Drop::AlreadyRestored);
        let late = hear(&mut voice, 2, red(2, &[1]), true).unwrap();
        assert_eq!((late.payload, late.redundancy.is_none()), (plain(2), true));
        hear(&mut voice, 5, red(5, &[1]), true).unwrap();
        assert_eq!(hear(&mut voice, 3, red(3, &[1]), true).unwrap_err(), Drop::AlreadyRestored, "also later");
    }

    #[test]
    fn a_restored_packet_is_repeated_to_those_who_take_red() {
        let mut voice = Incoming::default();
        hear(&mut voice, 1, red(1, &[]), true).unwrap();
        let spoken = hear(&mut voice, 3, red(3, &[1]), true).unwrap();
        let payload = spoken.redundancy.unwrap().payload(OPUS.into(), &spoken.payload);
        assert_eq!(payload, red(3, &[1]));
    }

    #[test]
    fn silence_and_large_packets_are_not_repeated() {
        let mut voice = Incoming::default();
        let opus = |bytes: usize| Arc::from(vec![7; bytes]);
        let mut repeated = |seq, time, bytes| voice.hear(seq, time, opus(bytes), None).unwrap().redundancy.is_some();
        assert!(!repeated(1, 0, 40));
        assert!(repeated(2, 960, 40));
        assert!(!repeated(3, 960 + MAX_OFFSET + 1, 40), "400 ms of silence");
        assert!(!repeated(4, 30_000, 1_060), "together larger than the path carries");
        assert!(!repeated(5, 30_960, 40), "longer than a block");
        assert!(!repeated(7, 32_880, 40), "not the one before");
        assert!(!repeated(8, 32_880, 40), "time stands");
    }

    #[test]
    fn a_tight_path_gets_each_word_once_and_a_wavering_estimate_changes_nothing() {
        let mut left_away = false;
        let table =
            [(300_000, false), (251_000, false), (249_000, true), (260_000, true), (289_000, true), (291_000, false), (260_000, false)];
        for (bps, expected) in table {
            left_away = is_left_away(bps, left_away);
            assert_eq!(left_away, expected, "{bps}");
        }
    }

    #[test]
    fn broken_red_is_refused_and_garbage_never_panics() {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut voice = Incoming::default();
        for payload in [&[][..], &[0x80 | OPUS, 0, 1], &[0x80 | OPUS, 15, 0, 200, OPUS, 1, 2], &[8, 1, 2, 3], &[0x80; 200]] {
            assert_eq!(voice.hear(9, 9, payload.into(), Some(OPUS.into())).unwrap_err(), Drop::BadRed, "{payload:?}");
        }
        for _ in 0..20_000 {
            let length = rng.usize(..24);
            let payload: Vec<u8> = (0..length).map(|_| if rng.bool() { OPUS | (0x80 * rng.u8(..2)) } else { rng.u8(..) }).collect();
            let seq = 1_000 + rng.u64(..40);
            if let Ok(spoken) = voice.hear(seq, rng.u32(..), payload.into(), Some(OPUS.into())) {
                assert!(spoken.restored.len() as u64 <= DEPTH && spoken.restored.iter().all(|word| word.seq < seq));
                assert!(spoken.restored.is_sorted_by_key(|word| word.seq));
            }
        }
    }
}
