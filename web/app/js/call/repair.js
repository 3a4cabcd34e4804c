/**
 * When the media connection of a call is to be made anew: after a break that does not heal by itself, in a few tries, further
 * and further apart, until it is given up; and for more room, which is no break.
 */

import { backoff } from '../signal/backoff.js';

/** @import { PeerState } from './peer.js' */

/** ICE recovers from a short break by itself, most often within a second or two. */
const HEALS_WITHIN_MS = 3000;
/** Many times what a connection needs to come up. */
const COMES_UP_WITHIN_MS = 8000;
const TRIES = 4;

export class Repair {
  #renew;
  #onHopeless;
  #tries = 0;
  /** How often a connection has come up. */
  #ups = 0;
  #stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #growing;

  /**
   * @param {() => Promise<void>} renew rejects where another try may help
   * @param {() => void} onHopeless
   */
  constructor(renew, onHopeless) {
    this.#renew = renew;
    this.#onHopeless = onHopeless;
  }

  /** @param {PeerState} state */
  follow(state) {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    if (state === 'up') {
      this.#tries = 0;
      this.#ups += 1;
    } else if (state === 'interrupted') this.#timer = setTimeout(() => this.now(), HEALS_WITHIN_MS);
    else this.now();
  }

  /** Makes the connection anew without waiting. */
  async now() {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    if (this.#tries >= TRIES) {
      this.#onHopeless();
      return;
    }
    this.#tries += 1;
    const attempt = this.#tries;
    try {
      await this.#renew();
      if (attempt === this.#tries) this.#again(COMES_UP_WITHIN_MS);
    } catch {
      if (attempt === this.#tries) this.#again(backoff(attempt - 1, 0.5));
    }
  }

  /**
   * Makes a connection with more room. The one there is works and serves until then, so failing at this ends nothing.
   * @param {number} [failures] in a row
   */
  async grow(failures = 0) {
    clearTimeout(this.#growing);
    if (this.#stopped) return;
    const ups = this.#ups;
    try {
      await this.#renew();
      if (ups === this.#ups) this.#again(COMES_UP_WITHIN_MS);
    } catch {
      const more = failures + 1;
      if (!this.#stopped && more < TRIES) this.#growing = setTimeout(() => this.grow(more), backoff(failures, 0.5));
    }
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#growing);
  }

  /** @param {number} ms */
  #again(ms) {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), ms);
  }
}
