/** What a device tells the server about a call without waiting for it, and how it leaves. */

import { SignalError } from '../signal/error.js';

/** @import { Log } from '../log.js' */
/** @import { Reply, Request } from '../protocol.js' */
/** @import { Signal } from '../signal/signal.js' */

export class Word {
  #signal;
  #log;

  /** @param {{ signal: Pick<Signal, 'request'>, log: Log }} parts */
  constructor({ signal, log }) {
    this.#signal = signal;
    this.#log = log;
  }

  /**
   * @param {Request} request whose refusal changes nothing here
   * @returns {Promise<void>} when it was heard, or will not be
   */
  async tell(request) {
    try {
      await this.#signal.request(request);
    } catch (error) {
      this.#log.fault('call', `${request.type}:`, error);
    }
  }

  /**
   * @param {string} call
   * @param {boolean} unanswered one's own call, which nobody has taken
   * @returns {Promise<void>} when the word is through, or will not get through
   */
  async left(call, unanswered) {
    try {
      await this.#signal.request({ type: unanswered ? 'cancel' : 'hang_up', call });
    } catch (error) {
      // Somebody accepted while the cancel was on its way.
      if (unanswered && error instanceof SignalError && error.code === 'wrong_state') await this.left(call, false);
      else this.#log.note('call', 'leaving:', error);
    }
  }

  /**
   * Leaves the seat that the server gave to a device no longer there for it. A word sent before the seat was given was
   * refused; one that crossed the reply has been heard, and a second does no harm.
   * @param {Reply} reply
   */
  giveBack(reply) {
    if ('seats' in reply) this.left(reply.call, false);
  }
}
