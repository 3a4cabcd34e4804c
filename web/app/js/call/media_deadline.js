/**
 * Ends the waiting for media that does not get through. A browser takes half a minute to call a connection failed; nobody
 * should listen to silence for so long.
 */

/** @import { Call } from '../state/call.js' */

/** @typedef {{ set: (run: () => void, ms: number) => unknown, clear: (timer: any) => void }} Timers */

/** Many times what a slow path needs, and as long as people wait before they doubt. */
export const MEDIA_WITHIN_MS = 12_000;

/** @type {Timers} */
const REAL = { set: (run, ms) => setTimeout(run, ms), clear: (timer) => clearTimeout(timer) };

export class MediaDeadline {
  #onMissed;
  #timers;
  /** The call waited for. @type {number | null} */
  #key = null;
  /** @type {unknown} */
  #timer;

  /**
   * @param {() => void} onMissed
   * @param {Timers} [timers]
   */
  constructor(onMissed, timers = REAL) {
    this.#onMissed = onMissed;
    this.#timers = timers;
  }

  /**
   * Runs from the first answer until this device's media is connected once; what breaks later is another matter.
   * @param {Call | null} call
   */
  follow(call) {
    const key = call?.phase === 'active' && call.media === 'new' ? call.key : null;
    if (key === this.#key) return;
    this.#timers.clear(this.#timer);
    this.#key = key;
    if (key !== null) this.#timer = this.#timers.set(this.#onMissed, MEDIA_WITHIN_MS);
  }
}
