/** Connects the media of a call anew: another connection is made and joined, and takes over from the one before. */

import { SignalError } from '../signal/error.js';

/** @import { Reply } from '../protocol.js' */
/** @import { Peer } from './peer.js' */
/** @import { SessionOptions } from './session_options.js' */

/** Refusals after which no other try can help: the seat is not there any more. */
const GONE = new Set(['unknown_call', 'call_over', 'wrong_state', 'answered_elsewhere']);

/**
 * @typedef {Pick<SessionOptions, 'key' | 'dispatch' | 'log' | 'makePeer' | 'signal'> & {
 *   call: () => string | null,
 *   others: () => number,
 *   takeOver: (peer: Peer, reply: Extract<Reply, { type: 'joined' }>) => Promise<void>,
 *   onGone: (code: string) => void,
 * }} RenewalOptions `call` is `null` once it is over here; `others` is for how many people there has to be room; `onGone`
 *   hears that the seat is not there any more
 */

export class Renewal {
  #options;
  /** @type {Promise<void> | null} */
  #underWay = null;

  /** @param {RenewalOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @returns {boolean} */
  get underWay() {
    return this.#underWay !== null;
  }

  /** @returns {Promise<void>} rejects where another try may help */
  run() {
    this.#underWay ??= this.#make().finally(() => (this.#underWay = null));
    return this.#underWay;
  }

  async #make() {
    const { call, dispatch, key, log, makePeer, onGone, others, signal, takeOver } = this.#options;
    const id = call();
    if (id === null) return;
    log.note('media', 'connecting anew');
    const peer = makePeer(others());
    let taken = false;
    try {
      const offer = await peer.offer();
      dispatch({ type: 'call_renewing', key, on: true });
      const reply = await signal.request({ type: 'join', call: id, offer });
      if (reply.type !== 'joined') throw new SignalError('wrong_state');
      if (call() === null) {
        peer.close();
        return;
      }
      taken = true;
      await takeOver(peer, reply);
    } catch (error) {
      if (!taken) peer.close();
      if (call() === null) return;
      log.fault('media', 'not connected anew:', error);
      dispatch({ type: 'call_renewing', key, on: false });
      if (error instanceof SignalError && GONE.has(error.code)) onGone(error.code);
      else throw error;
    }
  }
}
