/** How long to wait before connecting again. Pure: the dice are an argument. */

/** The first pause; a server that restarts quickly is met within a second. */
const FIRST_MS = 500;
/** The longest pause: a person who comes back to the tab waits no longer than this. */
const LONGEST_MS = 15_000;

/**
 * Exponential, with jitter over the upper half, so that a thousand clients do not come back in one instant.
 * @param {number} attempt from 0
 * @param {number} dice 0 to 1
 * @returns {number} milliseconds
 */
export function backoff(attempt, dice) {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(full / 2 + (full / 2) * dice);
}
