/** Waiting for a condition, with a bound. */

import { setTimeout as pause } from 'node:timers/promises';

const BOUND_MS = 20_000;
const EVERY_MS = 50;

/**
 * @template Value
 * @param {string} what said when it does not come to pass
 * @param {() => Promise<Value> | Value} look
 * @param {(value: Value) => boolean} [enough]
 * @param {number} [within] ms
 * @param {number} [every] ms; a look that costs the page much is not for every moment
 * @returns {Promise<Value>} the first value that is enough
 */
export async function until(what, look, enough = Boolean, within = BOUND_MS, every = EVERY_MS) {
  const end = Date.now() + within;
  for (;;) {
    const value = await look();
    if (enough(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${within} ms; last seen ${JSON.stringify(value)}`);
    await pause(every);
  }
}
