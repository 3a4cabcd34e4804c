/** A call on hold: what is asked of the server for it, and what this device stops and starts. */

import { SignalError } from '../signal/error.js';

/** @import { Current, Request } from '../protocol.js' */
/** @import { Reporter } from './reporter.js' */
/** @import { SessionOptions } from './session_options.js' */
/** @import { Sources } from './sources.js' */

/**
 * @typedef {Pick<SessionOptions, 'key' | 'signal' | 'log' | 'dispatch'> & {
 *   own: Sources,
 *   reporter: Reporter,
 *   renew: () => Promise<void>,
 *   isOver: () => boolean,
 *   onMedia: () => void,
 * }} HoldOptions `renew` connects the media anew; `onMedia` hears that what is on is different
 */

export class Hold {
  #options;
  #quiet = false;

  /** @param {HoldOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @returns {boolean} whether this device neither captures nor reports */
  get quiet() {
    return this.#quiet;
  }

  /** @param {string} call */
  async begin(call) {
    const { dispatch, key, log, signal } = this.#options;
    await this.silence();
    try {
      await signal.request({ type: 'hold', call });
      dispatch({ type: 'call_held', key, held: true });
    } catch (error) {
      log.fault('call', 'hold:', error);
      await this.#resume();
    }
  }

  /** Stops capturing and sending; a second time changes nothing. */
  async silence() {
    const { own, reporter } = this.#options;
    this.#quiet = true;
    reporter.stop();
    await own.pause();
  }

  /**
   * @param {string} call
   * @param {Current} [current] what becomes of another call this user is in
   */
  async end(call, current) {
    const { isOver, renew, signal } = this.#options;
    /** @type {Request} */
    const request = { type: 'unhold', call, ...(current ? { current } : {}) };
    try {
      await signal.request(request);
    } catch (error) {
      if (!(error instanceof SignalError) || error.code !== 'no_offer') throw error;
      // The server has lost the media of this device meanwhile; a held seat that is joined anew stays held.
      await renew();
      if (isOver()) return;
      await signal.request(request);
    }
    await this.goOn();
  }

  /** Captures and sends again, as before. */
  async goOn() {
    const { dispatch, isOver, key, onMedia } = this.#options;
    if (isOver()) return;
    dispatch({ type: 'call_held', key, held: false });
    await this.#resume();
    onMedia();
  }

  async #resume() {
    const { isOver, own, reporter } = this.#options;
    if (isOver()) return;
    this.#quiet = false;
    reporter.start();
    await own.resume();
  }
}
