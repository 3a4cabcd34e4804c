/**
 * After a connection that could not be resumed, as when the server was started anew, the calls of this page are taken up
 * where the server still has a seat for them, and are over where it has not.
 */

/** @import { MyCall } from '../protocol.js' */
/** @import { Call, OwnEndReason } from '../state/call.js' */

/** The list of calls comes right after the welcome. */
const TOLD_WITHIN_MS = 5000;

/**
 * @typedef {object} Hands
 * @property {() => Call[]} running
 * @property {(call: Call) => void} renew
 * @property {(call: Call, reason: OwnEndReason) => void} over
 */

export class TakeUp {
  #hands;
  /** The keys of the calls to be judged: those that ran when this page became a new device. @type {Set<number>} */
  #due = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Hands} hands */
  constructor(hands) {
    this.#hands = hands;
  }

  /** A new device was made of this page. */
  welcomed() {
    clearTimeout(this.#timer);
    this.#due = new Set(this.#hands.running().map(({ key }) => key));
    if (this.#due.size > 0) this.#timer = setTimeout(() => this.told([]), TOLD_WITHIN_MS);
  }

  /** @param {MyCall[]} mine */
  told(mine) {
    const due = this.#due;
    if (due.size === 0) return;
    this.#due = new Set();
    clearTimeout(this.#timer);
    for (const call of this.#hands.running().filter(({ key }) => due.has(key))) {
      const seat = mine.find(({ call: id }) => id === call.id);
      // What is held is connected anew when somebody goes on with it.
      if (seat?.here && call.held) continue;
      // A seat that another device took meanwhile stays there.
      if (seat && (seat.here || seat.state === 'reconnecting')) this.#hands.renew(call);
      else if (seat?.state === 'active' || seat?.state === 'held') this.#hands.over(call, 'moved');
      else this.#hands.over(call, call.id === null ? 'not_placed' : 'own_connection_lost');
    }
  }
}
