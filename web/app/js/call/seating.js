/** How this device gets its seat in a call: the request that places, accepts or joins it, and the answer to its offer. */

import { SignalError } from '../signal/error.js';

/** @import { Offer, Reply, Request } from '../protocol.js' */
/** @import { Peer } from './peer.js' */
/** @import { Ready } from './readiness.js' */
/** @import { SessionOptions } from './session_options.js' */
/** @import { Word } from './word.js' */

/** @typedef {Extract<Reply, { seats: unknown }>} Seated */

/**
 * @typedef {Pick<SessionOptions, 'key' | 'dispatch' | 'now' | 'signal'> & {
 *   word: Word,
 *   isOver: () => boolean,
 *   another: () => Peer,
 *   sendAnew: () => Promise<void>,
 *   onAsked: () => void,
 *   onSeat: (call: string) => void,
 * }} SeatingOptions `another` makes a media connection in place of the one there is, and `sendAnew` hands it what is sent
 */

export class Seating {
  #options;

  /** @param {SeatingOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * @param {Peer} peer
   * @param {(offer: Offer) => Request} ask
   */
  async take(peer, ask) {
    const { isOver } = this.#options;
    if (isOver()) return;
    const offer = await peer.offer();
    if (isOver()) return;
    const reply = await this.#ask(ask(offer));
    if (reply?.answer) await peer.answer(reply.answer);
  }

  /**
   * Takes a call whose media is connected already. Where the server has lost that connection meanwhile, another is offered.
   * @param {Ready} ready
   * @param {Extract<Request, { type: 'accept' }>} request
   */
  async takeWarm(ready, request) {
    const { another, isOver, sendAnew } = this.#options;
    try {
      if (!(await ready.warm)) throw new SignalError('no_offer');
      if (!isOver()) await this.#ask(request);
    } catch (error) {
      if (!(error instanceof SignalError) || error.code !== 'no_offer' || isOver()) throw error;
      await this.take(another(), (offer) => ({ ...request, offer }));
      await sendAnew();
    }
  }

  /**
   * @param {Request} request
   * @returns {Promise<Seated | null>} nothing where the call ended meanwhile
   */
  async #ask(request) {
    const { key, dispatch, isOver, now, onAsked, onSeat, signal, word } = this.#options;
    dispatch({ type: 'call_offered', key });
    onAsked();
    const reply = await signal.request(request, (late) => word.giveBack(late));
    if (!('seats' in reply)) throw new SignalError('wrong_state');
    onSeat(reply.call);
    if (isOver()) {
      word.giveBack(reply);
      return null;
    }
    const since = reply.type === 'joined' ? reply.answered_ms_ago : undefined;
    const answered = since !== undefined && { answeredAt: now() - since };
    dispatch({ type: 'call_joined', key, id: reply.call, seats: reply.seats, now: now(), ...answered });
    return isOver() ? null : reply;
  }
}
