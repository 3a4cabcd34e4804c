/** Tells the server every few seconds how the call is heard and seen here. */

import { between, countedIn, NOTHING_COUNTED } from './quality.js';

/** @import { QualityReport } from '../protocol.js' */
/** @import { Counted } from './quality.js' */

/** As often as the protocol asks. */
const EVERY_MS = 5000;
/** Somebody who hangs up does not wait for a browser that is slow to count. */
const LAST_WITHIN_MS = 300;

export class Reporter {
  #stats;
  #send;
  /** @type {Counted} */
  #before = NOTHING_COUNTED;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {() => Promise<RTCStatsReport> | undefined} stats of the connection in use
   * @param {(report: QualityReport) => void} send
   */
  constructor(stats, send) {
    this.#stats = stats;
    this.#send = send;
  }

  start() {
    this.#timer ??= setInterval(() => this.#report(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Another connection counts from the beginning. */
  renew() {
    this.#before = NOTHING_COUNTED;
  }

  /**
   * What came since the last report, as a last word.
   * @returns {Promise<void> | null} bounded; `null` when there is nothing to tell
   */
  last() {
    if (this.#timer === undefined) return null;
    this.stop();
    return Promise.race([this.#report(), new Promise((resolve) => void setTimeout(resolve, LAST_WITHIN_MS))]);
  }

  async #report() {
    const stats = await this.#stats()?.catch(() => undefined);
    if (!stats) return;
    const counted = countedIn(stats.values());
    const report = between(this.#before, counted);
    this.#before = counted;
    if (report.received > 0 || report.lost > 0 || report.frozen_ms > 0) this.#send(report);
  }
}
