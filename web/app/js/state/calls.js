/** All calls of this device: the one on the screen, those on hold behind it, what rings, and those on other devices. Pure. */

import { isPresent, isRunning, reduceCall } from './call.js';
import { withToast } from './toasts.js';

/** @import { Call, CallAction, CallEvent } from './call.js' */
/** @import { CallKind, MyCall, Person, RingStop, ServerEvent } from '../protocol.js' */
/** @import { State } from './state.js' */
/** @import { Key } from '../i18n/index.js' */

/** @typedef {{ call: string, kind: CallKind, from: Person, others: Person[], waiting: boolean, blocked: string[] }} Incoming */

/**
 * @typedef {CallAction
 *   | { type: 'call_shown', key: number }
 *   | { type: 'answered', call: string }} CallsAction
 */

/** What is said when a call stops ringing here. The first two happened by this user's own hand elsewhere. */
/** @type {Readonly<Record<RingStop, Key>>} */
const RING_STOPS = Object.freeze({
  answered_elsewhere: 'incoming.answered_elsewhere',
  declined_elsewhere: 'incoming.declined_elsewhere',
  cancelled: 'incoming.cancelled',
  missed: 'incoming.missed',
  ended: 'incoming.ended',
});

/** The same, where the device is known. @type {Readonly<Partial<Record<RingStop, Key>>>} */
const RING_STOPS_ON = Object.freeze({ answered_elsewhere: 'incoming.answered_on', declined_elsewhere: 'incoming.declined_on' });

/**
 * @param {State} state
 * @param {CallsAction} action
 * @returns {State}
 */
export function reduceCalls(state, action) {
  switch (action.type) {
    case 'answered':
      return withoutRinging(state, action.call);
    case 'call_started':
      return { ...state, call: reduceCall(null, action), held: isRunning(state.call) ? [...state.held, state.call] : state.held };
    case 'call_shown':
      return shown(state, action.key);
    case 'call_dismissed':
      return dismissed(state, action.key);
    case 'call_event':
      return told(state, action.event, action.now);
    case 'call_joined':
      // Two who called each other at once are in one call, which rings here no more.
      return change(withoutRinging(state, action.id), ({ key }) => key === action.key, action);
    default:
      return change(state, ({ key }) => key === action.key, action);
  }
}

/**
 * @param {State} state
 * @param {Extract<ServerEvent, { type: 'incoming_call' }>} event
 * @returns {State}
 */
export function withRinging(state, event) {
  if (state.ringing.some(({ call }) => call === event.call) || callsOf(state).some((call) => isRunning(call) && call.id === event.call)) return state;
  const { call, kind, from, others, waiting = false, blocked = [] } = event;
  return { ...state, ringing: [...state.ringing, { call, kind, from, others, waiting, blocked }] };
}

/**
 * @param {State} state
 * @param {Extract<ServerEvent, { type: 'ringing_stopped' }>} event
 * @returns {State}
 */
export function stopRinging(state, { call, why, device }) {
  const stopped = state.ringing.find((incoming) => incoming.call === call);
  if (!stopped) return state;
  const key = (device && RING_STOPS_ON[why]) || RING_STOPS[why];
  return withToast(withoutRinging(state, call), key, device ? { device } : { name: stopped.from.name }, false, call);
}

/**
 * The server's list of this user's calls also says which of those here are held: another device may have done it.
 * @param {State} state
 * @param {MyCall[]} mine
 * @returns {State}
 */
export function withMine(state, mine) {
  return mine.reduce((before, { call, here, state: seat }) => {
    if (!here || (seat !== 'held' && seat !== 'active')) return before;
    const known = callsOf(before).find(({ id }) => id === call);
    return known ? change(before, ({ key }) => key === known.key, { type: 'call_held', key: known.key, held: seat === 'held' }) : before;
  }, { ...state, mine });
}

/**
 * No call of this page has media at the server.
 * @param {State} state
 * @param {number} now
 * @returns {State}
 */
export function withoutMedia(state, now) {
  const connected = callsOf(state).filter(({ media }) => media !== 'new');
  return connected.reduce((before, { key }) => change(before, (call) => call.key === key, { type: 'call_media', key, media: 'lost', now }), state);
}

/**
 * @param {State} state
 * @returns {Call[]} the one on the screen first
 */
export function callsOf({ call, held }) {
  return call ? [call, ...held] : held;
}

/**
 * The calls of this user that this page does not show: on another device, or left and still going on.
 * @param {State} state
 * @returns {MyCall[]}
 */
export function elsewhere(state) {
  const here = new Set(callsOf(state).filter(isRunning).map(({ id }) => id));
  return state.mine.filter(({ call }) => !here.has(call));
}

/**
 * @param {State} state
 * @param {string | null} [besides] the call that is to be taken
 * @returns {boolean} whether this user is in a call on another device, which has to make way
 */
export function activeElsewhere({ mine }, besides = null) {
  return mine.some(({ call, here, state }) => !here && call !== besides && (state === 'active' || state === 'reconnecting'));
}

/**
 * @param {MyCall} call
 * @returns {boolean} whether the user takes part in it on some device
 */
export function takesPart({ state }) {
  return isPresent({ state });
}

/**
 * @param {State} state
 * @param {CallEvent} event
 * @param {number} now
 * @returns {State}
 */
function told(state, event, now) {
  const known = callsOf(state).some(({ id }) => id === event.call);
  // Only a call that has no name yet can be meant by a name nobody knows.
  return change(state, ({ id }) => id === (known ? event.call : null), { type: 'call_event', event, now });
}

/**
 * @param {State} state
 * @param {(call: Call) => boolean} which
 * @param {CallAction} action
 * @returns {State}
 */
function change(state, which, action) {
  const call = state.call && which(state.call) ? reduceCall(state.call, action) : state.call;
  const changed = state.held.map((held) => (which(held) ? (reduceCall(held, action) ?? held) : held));
  const same = call === state.call && changed.every((held, at) => held === state.held[at]);
  if (same) return state;
  // One that was left for another call needs no words.
  const over = changed.filter(({ phase, ending }) => phase === 'ended' && ending?.reason !== 'took_another');
  const held = changed.filter(isRunning);
  return over.reduce((before, { people }) => withToast(before, 'held.ended', { name: people[0]?.name ?? '' }), { ...state, call, held });
}

/**
 * @param {State} state
 * @param {number} key
 * @returns {State}
 */
function shown(state, key) {
  const next = state.held.find((held) => held.key === key);
  if (!next) return state;
  const others = state.held.filter((held) => held !== next);
  return { ...state, call: next, held: isRunning(state.call) ? [...others, state.call] : others };
}

/**
 * The closing words go, and a call that was held behind them comes to the front.
 * @param {State} state
 * @param {number} key
 * @returns {State}
 */
function dismissed(state, key) {
  if (state.call?.key !== key) return state;
  return { ...state, call: state.held.at(-1) ?? null, held: state.held.slice(0, -1) };
}

/**
 * @param {State} state
 * @param {string} call
 * @returns {State}
 */
function withoutRinging(state, call) {
  return state.ringing.some((incoming) => incoming.call === call)
    ? { ...state, ringing: state.ringing.filter((incoming) => incoming.call !== call) }
    : state;
}
