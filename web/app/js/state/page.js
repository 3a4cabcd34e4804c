/** What of the state the page beneath a call is drawn from. Pure. */

import { isRunning } from './call.js';
import { callsOf } from './calls.js';

/** @import { State } from './state.js' */

/** What lies over the page. @type {ReadonlySet<string>} */
const OVER_IT = new Set(['ringing', 'call', 'held', 'toasts', 'nextToast']);

/**
 * A call tells something every moment, and nearly nothing of it changes what the page shows of people, messages and history.
 * @param {State} one
 * @param {State} other
 * @returns {boolean} whether the page looks the same in both
 */
export function samePage(one, other) {
  if (one === other) return true;
  const keys = /** @type {(keyof State)[]} */ (Object.keys(other));
  return keys.every((key) => OVER_IT.has(key) || one[key] === other[key]) && callsIn(one) === callsIn(other);
}

/**
 * The page shows the calls that are not here, and takes for read only what no call covers.
 * @param {State} state
 */
function callsIn(state) {
  const here = callsOf(state).filter(isRunning);
  return `${state.call === null} ${here.map(({ id }) => id).join(' ')}`;
}
