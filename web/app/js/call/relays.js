/**
 * The TURN servers for those whom nothing else gets through, with credentials that are good for a short while: fetched ahead,
 * so that no call waits for them, and again before they expire.
 */

/** @import { Log } from '../log.js' */

/** @typedef {{ ice_servers: RTCIceServer[], expires_in_s: number | null }} Credentials */
/** @typedef {{ set: (run: () => void, ms: number) => unknown, clear: (timer: any) => void }} Timers */

/** After this part of their life they are fetched anew: what is left is for a connection that begins right then. */
const REFRESH_AFTER = 0.5;
/** After a failure; calls are made without meanwhile, or with what is left. */
export const RETRY_MS = 30_000;

/** @type {Timers} */
const REAL = { set: (run, ms) => setTimeout(run, ms), clear: (timer) => clearTimeout(timer) };

export class Relays {
  #ask;
  #log;
  #now;
  #timers;
  /** @type {RTCIceServer[]} */
  #servers = [];
  #goodUntil = 0;
  /** Tells the answer to the newest question from those of another login. */
  #asked = 0;
  /** @type {unknown} */
  #timer;

  /** @param {{ ask: () => Promise<Credentials>, log: Log, now: () => number, timers?: Timers }} parts */
  constructor({ ask, log, now, timers = REAL }) {
    this.#ask = ask;
    this.#log = log;
    this.#now = now;
    this.#timers = timers;
  }

  /** @returns {RTCIceServer[]} those a connection can begin with at this moment */
  get servers() {
    return this.#now() < this.#goodUntil ? this.#servers : [];
  }

  /** Fetches them, now and before they expire. */
  async fetch() {
    this.#timers.clear(this.#timer);
    const asked = (this.#asked += 1);
    const begin = this.#now();
    try {
      const { ice_servers: servers, expires_in_s: seconds } = await this.#ask();
      if (asked !== this.#asked) return;
      this.#servers = servers;
      this.#goodUntil = begin + (seconds ?? 0) * 1000;
      // A server that has none is asked again when the page connects to it again.
      if (seconds !== null) this.#again(seconds * 1000 * REFRESH_AFTER);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#log.note('media', 'no TURN credentials:', error);
      this.#again(RETRY_MS);
    }
  }

  /** They were somebody's who is logged in no more. */
  forget() {
    this.#timers.clear(this.#timer);
    this.#asked += 1;
    this.#servers = [];
    this.#goodUntil = 0;
  }

  /** @param {number} ms */
  #again(ms) {
    this.#timer = this.#timers.set(() => this.fetch(), ms);
  }
}
