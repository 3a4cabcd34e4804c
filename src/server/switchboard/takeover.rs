//! The calls of an earlier run: taken up while their people may still come back, ended where they would not.

use std::collections::BTreeMap;

use switchboard_calls::{CallKind, Config, Restored, RestoredSeat, SeatState};
use switchboard_protocol as protocol;

use super::actor::Actor;
use super::clock::Clock;
use super::legs::Party;
use super::translate::{self, from_utc_ms, meaning};
use crate::store::calls::{self, RunningCall};
use crate::store::{Store, StoreError};

/// Reads the calls that still run, for whom controls them in this epoch; those that a server has left alone for longer than the grace of a seat are ended as of
/// when it was last known to run, and none is given.
pub(super) async fn running(store: &Store, epoch: u64, clock: Clock, config: &Config) -> Result<Vec<RunningCall>, StoreError> {
    let running = calls::running(store).await?;
    let Some(latest) = running.iter().map(|call| call.answered_ms.unwrap_or(call.placed_ms)).max() else { return Ok(running) };
    let alive = calls::last_heartbeat(store).await?.unwrap_or(latest).max(latest);
    if clock.now().saturating_since(from_utc_ms(alive)) <= config.grace {
        tracing::info!(calls = running.len(), "taking up the calls of an earlier run");
        return Ok(running);
    }
    let ended = calls::end_running(store, epoch, &translate::word(protocol::EndReason::ServerStopped), alive).await?;
    tracing::warn!(calls = ended, "ended calls that an earlier run left behind too long ago");
    Ok(Vec::new())
}

impl Actor {
    /// Takes the calls of an earlier run up. Their people have the grace of a lost connection to come back.
    pub(super) fn take_up(&mut self, running: Vec<RunningCall>) {
        let mut restored = Vec::new();
        for call in running {
            let names: BTreeMap<_, _> = call.seats.iter().map(|seat| (seat.user, seat.name.clone())).collect();
            let group = self.legs.next_group();
            self.legs.begin(call.id, Party::new(group, names));
            let seats = call.seats.iter().map(|seat| RestoredSeat {
                user: seat.user,
                // A word of another version is a seat nobody sits on: its user may take it again.
                state: meaning(&seat.state).map_or(SeatState::Left, translate::seat_state_in),
                device: seat.device,
                rings_until: seat.rings_until_ms.map(from_utc_ms),
                barred: seat.barred,
            });
            let (kind, placed_at) = (meaning(&call.kind).map_or(CallKind::Audio, translate::kind_in), from_utc_ms(call.placed_ms));
            self.traces.taken_up(&call, self.clock);
            self.tally.taken_up(call.id, kind, placed_at, call.answered_ms.is_some());
            restored.push(Restored {
                call: call.id,
                kind,
                placed_at,
                answered_at: call.answered_ms.map(from_utc_ms),
                seats: seats.collect(),
            });
        }
        self.calls.restore(self.clock.now(), restored);
    }
}
