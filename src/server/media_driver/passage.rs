//! From one media thread to the next: what their routers say to each other. Control always arrives, in order. Packets are bounded,
//! for a thread that is out of time must not be sent ever more: what is too much is left out, pictures before voices, and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use switchboard_media::{Lane, Message, RelayId};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The most packets on their way to a thread while there are pictures among them: a tenth of a second of forty cameras.
const PICTURES: usize = 4_096;
/// The most of all. Voices are few and small, and the last to be left out.
const MOST: usize = 2 * PICTURES;

/// What a thread was given in one turn of another.
pub(super) struct Batch {
    pub(super) from: RelayId,
    pub(super) messages: Vec<Message>,
    packets: usize,
}

/// Where a thread takes what the others say.
pub(super) struct Inbox {
    batches: UnboundedReceiver<Batch>,
    under_way: Arc<AtomicUsize>,
}

/// The way to one thread; clones share its bound.
#[derive(Clone)]
pub(super) struct Passage {
    batches: UnboundedSender<Batch>,
    /// Packets that were given and not yet taken.
    under_way: Arc<AtomicUsize>,
}

/// What one thread has to say to one other, gathered for a turn.
pub(super) struct Outbox {
    own: RelayId,
    passage: Passage,
    messages: Vec<Message>,
    packets: usize,
}

/// A way to a thread, and its end there.
pub(super) fn passage() -> (Passage, Inbox) {
    let (sender, batches) = unbounded_channel();
    let under_way = Arc::new(AtomicUsize::new(0));
    (Passage { batches: sender, under_way: under_way.clone() }, Inbox { batches, under_way })
}

impl Inbox {
    /// Waits for the next batch; for ever when all other threads have ended.
    pub(super) async fn next(&mut self) -> Batch {
        match self.batches.recv().await {
            Some(batch) => self.taken(batch),
            None => std::future::pending().await,
        }
    }

    /// The next batch if it is there.
    pub(super) fn try_next(&mut self) -> Option<Batch> {
        let batch = self.batches.try_recv().ok()?;
        Some(self.taken(batch))
    }

    fn taken(&self, batch: Batch) -> Batch {
        self.under_way.fetch_sub(batch.packets, Ordering::Relaxed);
        batch
    }
}

impl Outbox {
    pub(super) fn new(own: RelayId, passage: Passage) -> Self {
        Self { own, passage, messages: Vec::new(), packets: 0 }
    }

    /// Adds a message; false when there was no room for the packet it is.
    pub(super) fn push(&mut self, message: Message) -> bool {
        let lane = message.lane();
        let admitted = admits(lane, self.passage.under_way.load(Ordering::Relaxed) + self.packets);
        if admitted {
            self.packets += usize::from(lane != Lane::Control);
            self.messages.push(message);
        }
        admitted
    }

    /// Gives the other thread what was gathered.
    pub(super) fn flush(&mut self) {
        if self.messages.is_empty() {
            return;
        }
        let (messages, packets) = (std::mem::take(&mut self.messages), std::mem::take(&mut self.packets));
        self.passage.under_way.fetch_add(packets, Ordering::Relaxed);
        // A thread that has ended has no legs that miss anything.
        let _ = self.passage.batches.send(Batch { from: self.own, messages, packets });
    }
}

/// Whether there is room while so many packets are under way.
const fn admits(lane: Lane, under_way: usize) -> bool {
    match lane {
        Lane::Control => true,
        Lane::Voice => under_way < MOST,
        Lane::Picture => under_way < PICTURES,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use switchboard_media::{Certificate, GroupId, Output, Router, RouterConfig};

    use super::*;

    #[test]
    fn pictures_are_left_out_before_voices_and_control_never() {
        for (under_way, picture, voice) in
            [(0, true, true), (PICTURES - 1, true, true), (PICTURES, false, true), (MOST - 1, false, true), (MOST, false, false)]
        {
            let admitted = [Lane::Picture, Lane::Voice, Lane::Control].map(|lane| admits(lane, under_way));
            assert_eq!(admitted, [picture, voice, true], "{under_way} under way");
        }
    }

    #[tokio::test]
    async fn what_is_said_in_a_turn_arrives_in_order_and_as_one() {
        let config = RouterConfig {
            certificate: Certificate::generate(),
            candidates: Vec::new(),
            tcp: false,
            audio_slots: 5,
            congestion_control: true,
            seed: 1,
        };
        let mut router = Router::new(Instant::now(), config);
        let (passage, mut inbox) = passage();
        let mut outbox = Outbox::new(RelayId(3), passage.clone());
        outbox.flush();
        let now = Instant::now();
        router.link(now, GroupId(1), RelayId(0));
        router.unlink(now, GroupId(1), RelayId(0));
        let mut said = Vec::new();
        while let Output::Relay { message, .. } = router.poll_output() {
            said.push(format!("{message:?}"));
            assert!(outbox.push(message));
        }
        outbox.flush();
        outbox.flush();
        let Batch { from, messages, .. } = inbox.next().await;
        assert_eq!((from, messages.iter().map(|message| format!("{message:?}")).collect::<Vec<_>>()), (RelayId(3), said));
        assert!(inbox.try_next().is_none(), "nothing is sent that says nothing");
        // What was taken makes room again.
        passage.under_way.fetch_add(MOST, Ordering::Relaxed);
        passage.batches.send(Batch { from, messages: Vec::new(), packets: MOST }).ok().unwrap();
        inbox.try_next().unwrap();
        assert_eq!(passage.under_way.load(Ordering::Relaxed), 0);
    }
}
