/** Which tone fits the moment. Pure. */

import { isRunning, waitingFor } from './call.js';

/** @import { Tone } from '../call/tones.js' */
/** @import { State } from './state.js' */

/**
 * Nobody hears a ringback before a phone really rings somewhere, and nobody's voice is drowned by a ring.
 * @param {Pick<State, 'ringing' | 'call' | 'held'>} state
 * @returns {Tone}
 */
export function toneOf({ ringing, call, held }) {
  const speaking = isRunning(call) && !call.held;
  if (ringing.length > 0 && !(speaking && call.phase !== 'active')) return speaking || held.length > 0 ? 'waiting' : 'incoming';
  if (speaking && call.direction === 'outgoing' && call.phase === 'waiting') return waitingFor(call) === 'ringing' ? 'ringback' : 'none';
  return call?.ending?.reason === 'busy' ? 'busy' : 'none';
}
