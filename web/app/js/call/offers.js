/** The server answers one offer of a device at a time: a request that carries one waits for the one before it. */

/** @import { Reply, Request } from '../protocol.js' */
/** @import { Signal } from '../signal/signal.js' */

/** @implements {Pick<Signal, 'request'>} */
export class Offers {
  #signal;
  /** Settles with the offers that are under way. @type {Promise<unknown> | null} */
  #before = null;

  /** @param {Pick<Signal, 'request'>} signal */
  constructor(signal) {
    this.#signal = signal;
  }

  /**
   * @param {Request} request
   * @param {(reply: Reply) => void} [onLate]
   * @returns {Promise<Reply>} rejected with a `SignalError`
   */
  request(request, onLate) {
    if (!('offer' in request)) return this.#signal.request(request, onLate);
    const ask = () => this.#signal.request(request, onLate);
    const outcome = this.#before ? this.#before.then(ask) : ask();
    const settled = outcome.catch(() => {});
    this.#before = settled;
    settled.then(() => {
      if (this.#before === settled) this.#before = null;
    });
    return outcome;
  }
}
