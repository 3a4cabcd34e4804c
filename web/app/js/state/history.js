/** The calls of the past as the list shows them. Pure. */

/** @import { CallKind, EndReason, Person, SeatState } from '../protocol.js' */
/** @import { State } from './state.js' */

/**
 * @typedef {object} SeatQuality
 * @property {number} loss 0 to 1
 * @property {number} rtt_ms
 * @property {number} jitter_ms
 * @property {number} mos 1 to 5
 * @property {number} frozen_ms
 * @property {number} worst_at_ms UTC ms
 * @property {number} worst_mos
 */

/** @typedef {{ person: Person, state: SeatState, joined_ms: number | null, left_ms: number | null, quality: SeatQuality | null }} PastSeat */

/**
 * @typedef {object} PastCall
 * @property {string} id
 * @property {CallKind} kind
 * @property {'outgoing' | 'incoming'} direction
 * @property {number} placed_ms
 * @property {number | null} answered_ms
 * @property {number | null} ended_ms
 * @property {EndReason | null} reason
 * @property {number} duration_ms
 * @property {SeatState} my_state
 * @property {boolean} missed
 * @property {Person} caller
 * @property {PastSeat[]} seats
 */

/**
 * @typedef {object} History
 * @property {PastCall[] | null} calls the latest first; `null` until they were loaded once
 * @property {boolean} more
 * @property {number} missed those nobody has looked at yet
 * @property {'idle' | 'loading' | 'failed'} status
 */

/**
 * @typedef {{ type: 'history_loading' } | { type: 'history_failed' } | { type: 'history_seen' }
 *   | { type: 'history_page', calls: PastCall[], missed: number, more: boolean, first: boolean }} HistoryAction
 */

/** @type {Readonly<History>} */
export const NO_HISTORY = Object.freeze({ calls: null, more: false, missed: 0, status: 'idle' });

/**
 * @param {History} history
 * @param {HistoryAction} action
 * @returns {History}
 */
export function reduceHistory(history, action) {
  switch (action.type) {
    case 'history_loading':
      return { ...history, status: 'loading' };
    case 'history_failed':
      return { ...history, status: 'failed' };
    case 'history_seen':
      return { ...history, missed: 0 };
    default: {
      const before = action.first ? [] : (history.calls ?? []);
      const known = new Set(before.map(({ id }) => id));
      const calls = [...before, ...action.calls.filter(({ id }) => !known.has(id))];
      return { calls, more: action.more, missed: action.missed, status: 'idle' };
    }
  }
}

/**
 * @param {PastCall} call
 * @param {string} me
 * @returns {Person[]} everyone else, the caller first
 */
export function othersOf({ caller, seats }, me) {
  const people = [caller, ...seats.map(({ person }) => person).filter(({ id }) => id !== caller.id)];
  return people.filter(({ id }) => id !== me);
}

/**
 * @param {PastCall} call
 * @returns {boolean} whether it still goes on
 */
export function goesOn({ ended_ms: ended }) {
  return ended === null;
}

/**
 * How a connection with this MOS is felt (ITU-T G.107, annex B: 4.0 satisfied, 3.6 some, 3.1 many dissatisfied).
 * @param {number} mos
 * @returns {'good' | 'fair' | 'poor' | 'bad'}
 */
export function gradeOf(mos) {
  if (mos >= 4) return 'good';
  if (mos >= 3.6) return 'fair';
  return mos >= 3.1 ? 'poor' : 'bad';
}

/**
 * What became of a call for this user, in one word.
 * @param {PastCall} call
 * @returns {'running' | 'missed' | 'talked' | 'declined' | Exclude<EndReason, 'hung_up' | 'server_stopped' | 'missed'> | 'no_answer'}
 */
export function outcomeOf(call) {
  if (goesOn(call)) return 'running';
  if (call.missed) return 'missed';
  if (call.my_state === 'declined') return 'declined';
  if (call.answered_ms !== null) return 'talked';
  if (call.reason === 'missed') return 'no_answer';
  if (call.reason === null || call.reason === 'hung_up' || call.reason === 'server_stopped') return 'cancelled';
  return call.reason;
}

/** @param {State} state @returns {number} */
export function unseenMissed({ history }) {
  return history.missed;
}
