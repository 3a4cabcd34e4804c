/** What a call says in words at each moment. Pure: it names keys, the page speaks them. */

import { isPresent, waitingFor } from './call.js';

/** @import { MyCall, SeatState } from '../protocol.js' */
/** @import { Key, Values } from '../i18n/index.js' */
/** @import { Call, DeviceProblems, OwnEndReason } from './call.js' */
/** @import { State } from './state.js' */

/** @typedef {{ key: Key, values: Values }} Words */

/** Reasons that speak of the others, and so differ for one and for several. */
const ABOUT_OTHERS = new Set(['declined', 'busy', 'unreachable', 'connection_lost']);

/**
 * @param {Call} call running
 * @param {State['link']} [link]
 * @returns {Key}
 */
export function statusKey(call, link = 'online') {
  if (link === 'lost') return 'call.link_lost';
  if (call.held) return 'call.held';
  // As long as the connection was away it said the same: that media comes a moment later is no other matter.
  if (call.media === 'lost') return 'call.link_lost';
  if (call.media === 'interrupted') return 'call.reconnecting';
  switch (call.phase) {
    case 'preparing':
      return call.direction === 'outgoing' ? 'call.preparing' : 'call.connecting';
    case 'connecting':
      return call.direction === 'outgoing' ? 'call.calling' : 'call.connecting';
    case 'waiting':
      return call.direction === 'outgoing' ? `call.${waitingFor(call)}` : 'call.connecting';
    default:
      return call.media === 'new' ? 'call.connecting' : othersKey(call);
  }
}

/**
 * The same with how many devices ring, where that is more than one person may think.
 * @param {Call} call running
 * @param {State['link']} [link]
 * @returns {Words}
 */
export function statusWords(call, link) {
  const key = statusKey(call, link);
  const count = call.seats.reduce((sum, { ringing_on: ringing = 0 }) => sum + ringing, 0);
  if (key === 'call.ringing' && count > 1 && call.seats.length === 1) return { key: 'seat.ringing_on', values: { count } };
  return { key, values: {} };
}

/**
 * Where a seat stands.
 * @param {SeatState} state
 * @param {number} ringingOn on how many devices it rings
 * @returns {Words}
 */
export function seatWords(state, ringingOn) {
  if (state === 'ringing' && ringingOn > 1) return { key: 'seat.ringing_on', values: { count: ringingOn } };
  return { key: `seat.${state}`, values: {} };
}

/**
 * @param {OwnEndReason} reason
 * @param {number} others how many were called
 * @returns {Key}
 */
export function endingKey(reason, others) {
  const group = others > 1 && ABOUT_OTHERS.has(reason);
  return /** @type {Key} */ (group ? `end.${reason}_group` : `end.${reason}`);
}

/**
 * The call that is over here and goes on among the others, so that one can come back to it.
 * @param {Pick<Call, 'id' | 'phase'>} call
 * @param {readonly MyCall[]} mine what the server says about this user's calls
 * @returns {MyCall | null}
 */
export function goingOnWithout({ id, phase }, mine) {
  if (phase !== 'ended' || id === null) return null;
  return mine.find((candidate) => candidate.call === id && !isPresent(candidate)) ?? null;
}

/**
 * What is wrong with the devices, in as few sentences as say it.
 * @param {DeviceProblems} problems
 * @returns {Key[]}
 */
export function problemKeys({ microphone, camera }) {
  if (microphone === camera && (microphone === 'refused' || microphone === 'missing' || microphone === 'insecure')) {
    return [`device.both.${microphone}`];
  }
  /** @type {Key[]} */
  const keys = [];
  if (microphone) keys.push(`device.microphone.${microphone}`);
  if (camera) keys.push(`device.camera.${camera}`);
  return keys;
}

/**
 * What is to be said about the others of a call that is under way: nothing as long as one of them is there.
 * @param {Call} call
 * @returns {Key}
 */
function othersKey({ seats }) {
  const present = seats.filter(isPresent);
  if (present.length > 0 && present.every(({ state }) => state === 'held')) return 'call.they_hold';
  if (present.length > 0 && present.every(({ state }) => state === 'reconnecting')) return 'call.they_reconnect';
  return 'call.in_call';
}
