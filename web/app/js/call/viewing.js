/** Tells the server what this page shows, as often as it must and as seldom as it can; and asks what is sent here. */

import { showsMore, viewOf } from './look.js';

/** @import { Reply, Request, ViewTile } from '../protocol.js' */
/** @import { Slots } from '../state/call.js' */
/** @import { Mids, Shown } from './look.js' */
/** @import { Timers } from './media_deadline.js' */

/** @typedef {Extract<Reply, { type: 'stats' }>} ServerStats */

/**
 * @typedef {object} ViewingOptions
 * @property {() => { call: string, mids: Mids, slots: Slots } | null} media that of the call, once it has some
 * @property {(request: Request) => Promise<Reply>} ask
 */

/** While a window is drawn larger or smaller, its pictures are told in steps of this. */
const CALM_MS = 250;
/** Between two words in a row: pages turned over quickly stay far below the requests a device may send. */
const FLOOR_MS = 100;
/** What was refused is said once more after this: the server counts its requests by the second, and a new connection is there by then. */
const AGAIN_MS = 1000;

/** @type {Timers} */
const REAL = { set: (run, ms) => setTimeout(run, ms), clear: (timer) => clearTimeout(timer) };

export class Viewing {
  #options;
  #timers;
  /** What the page shows; nothing is said before it has said so itself. @type {readonly Shown[] | null} */
  #shown = null;
  /** @type {ViewTile[]} */
  #told = [];
  #floor = false;
  /** Whether what was refused is being said once more, or was in vain. */
  #insisting = false;
  /** @type {unknown} */
  #timer;
  /** For how long it runs, ms. */
  #waits = Infinity;
  /** @type {unknown} */
  #rest;
  /** @type {Promise<ServerStats | null> | null} */
  #stats = null;

  /**
   * @param {ViewingOptions} options
   * @param {Timers} [timers]
   */
  constructor(options, timers = REAL) {
    this.#options = options;
    this.#timers = timers;
  }

  /** @param {readonly Shown[]} shown */
  look(shown) {
    this.#shown = shown;
    this.#consider();
  }

  /** The server has forgotten what it was told, or the slots are others. */
  again() {
    this.#told = [];
    this.#insisting = false;
    this.#consider();
  }

  /** @returns {Promise<ServerStats | null>} what is sent here at the moment */
  stats() {
    this.#stats ??= this.#ask().finally(() => (this.#stats = null));
    return this.#stats;
  }

  stop() {
    this.#shown = null;
    this.#wait(null);
    this.#timers.clear(this.#rest);
  }

  #consider() {
    const next = this.#next();
    if (!next) this.#wait(null);
    else if (!showsMore(this.#told, next.tiles)) this.#wait(CALM_MS);
    else if (this.#floor) this.#wait(FLOOR_MS);
    else this.#tell();
  }

  /** @param {number | null} ms for how long at the most */
  #wait(ms) {
    if (ms !== null && this.#waits <= ms) return;
    this.#timers.clear(this.#timer);
    this.#waits = ms ?? Infinity;
    if (ms !== null) this.#timer = this.#timers.set(() => this.#tell(), ms);
  }

  #tell() {
    this.#wait(null);
    const next = this.#next();
    if (!next) return;
    this.#told = next.tiles;
    this.#floor = true;
    this.#rest = this.#timers.set(() => (this.#floor = false), FLOOR_MS);
    this.#options.ask({ type: 'view', call: next.call, tiles: next.tiles }).then(
      () => (this.#insisting = false),
      () => this.#refused(next.tiles),
    );
  }

  /** @param {ViewTile[]} tiles */
  #refused(tiles) {
    if (this.#told !== tiles) return;
    // Whatever the page shows next is told whole.
    this.#told = [];
    if (this.#insisting || !this.#shown) return;
    this.#insisting = true;
    this.#wait(AGAIN_MS);
  }

  /** @returns {{ call: string, tiles: ViewTile[] } | null} what is to be told, if it is anything new */
  #next() {
    const media = this.#options.media();
    if (!media || !this.#shown) return null;
    const tiles = viewOf(this.#shown, media.mids, media.slots, this.#told);
    return JSON.stringify(tiles) === JSON.stringify(this.#told) ? null : { call: media.call, tiles };
  }

  /** @returns {Promise<ServerStats | null>} */
  async #ask() {
    const media = this.#options.media();
    if (!media) return null;
    try {
      const reply = await this.#options.ask({ type: 'stats', call: media.call });
      return reply.type === 'stats' ? reply : null;
    } catch {
      return null;
    }
  }
}
