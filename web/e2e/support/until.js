/** Waiting for a condition, with a bound. */

import { setTimeout as pause } from 'node:timers/promises';

const BOUND_MS = 20_000;
const EVERY_MS = 50;

/**
 * @template Value
 * @param {string} what said when it does not come to pass
 * @param {() => Promise<Value> | Value} look
 * @param {(value: Value) => boolean} [enough]
 * @returns {Promise<Value>} the first value that is enough
 */
export async function until(what, look, enough = Boolean) {
  const end = Date.now() + BOUND_MS;
  for (;;) {
    const value = await look();
    if (enough(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${BOUND_MS} ms; last seen ${JSON.stringify(value)}`);
    await pause(EVERY_MS);
  }
}
