/** The requests that wait for their one reply: numbered, bounded in time, and kept to be sent again after a break. */

import { writeClientMessage } from '../protocol.js';
import { SignalError } from './error.js';

/** @import { Reply, Request } from '../protocol.js' */

/** Nobody waits for a reply longer than this. */
const REPLY_WITHIN_MS = 10_000;
/** So many requests that nobody waits for any more can still be answered; the oldest is forgotten first. */
const LATE_AT_MOST = 8;

/**
 * @template Value
 * @typedef {{ promise: Promise<Value>, resolve: (value: Value) => void, reject: (reason: unknown) => void }} Deferred
 */

/**
 * @typedef {object} Waiting
 * @property {string} text
 * @property {boolean} again whether it is worth sending again
 * @property {boolean} twice whether it was sent again: a refusal of the one may come before the reply to the other
 * @property {(reply: Reply) => void} resolve
 * @property {(error: SignalError) => void} reject
 * @property {((reply: Reply) => void) | undefined} onLate
 * @property {ReturnType<typeof setTimeout>} timer
 */

export class Requests {
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  /** Who hears a reply that comes after its request timed out, or after its double was refused. @type {Map<number, (reply: Reply) => void>} */
  #late = new Map();
  #nextId = 1;

  /**
   * @param {Request} request
   * @param {{ within?: number, onLate?: ((reply: Reply) => void) | undefined }} [options]
   * @returns {{ id: number, text: string, outcome: Promise<Reply> }}
   */
  add(request, { within = REPLY_WITHIN_MS, onLate } = {}) {
    const id = this.#nextId;
    this.#nextId += 1;
    const text = writeClientMessage(id, request);
    const { promise, resolve, reject } = /** @type {Deferred<Reply>} */ (withResolvers());
    const timer = setTimeout(() => this.#timeOut(id), within);
    this.#waiting.set(id, { text, again: request.type !== 'ping', twice: false, resolve, reject, onLate, timer });
    return { id, text, outcome: promise };
  }

  /** The link broke: what is worth sending again waits for another one, for this long at most. @param {number} ms */
  keep(ms) {
    for (const [id, { again }] of [...this.#waiting]) {
      if (again) this.#restart(id, ms);
      else this.settle(id, new SignalError('offline'));
    }
  }

  /** @returns {string[]} what is to be sent again, in its order; from here on the usual time counts */
  again() {
    for (const [id, waiting] of this.#waiting) {
      waiting.twice = true;
      this.#restart(id, REPLY_WITHIN_MS);
    }
    return [...this.#waiting.values()].map(({ text }) => text);
  }

  /** Whoever waits is told that the server will not answer any more. */
  fail() {
    for (const id of [...this.#waiting.keys()]) this.settle(id, new SignalError('offline'));
    this.#late.clear();
  }

  /**
   * A second outcome of the same request is passed over.
   * @param {number} id
   * @param {Reply | SignalError} outcome
   */
  settle(id, outcome) {
    const waiting = this.#waiting.get(id);
    if (!waiting) {
      const onLate = this.#late.get(id);
      this.#late.delete(id);
      if (!(outcome instanceof SignalError)) onLate?.(outcome);
      return;
    }
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (!(outcome instanceof SignalError)) waiting.resolve(outcome);
    else {
      if (waiting.twice || outcome.code === 'timeout') this.#listenOn(id, waiting.onLate);
      waiting.reject(outcome);
    }
  }

  /**
   * @param {number} id
   * @param {((reply: Reply) => void) | undefined} onLate
   */
  #listenOn(id, onLate) {
    if (onLate) this.#late.set(id, onLate);
    const [oldest] = this.#late.keys();
    if (oldest !== undefined && this.#late.size > LATE_AT_MOST) this.#late.delete(oldest);
  }

  /**
   * @param {number} id
   * @param {number} ms
   */
  #restart(id, ms) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.#timeOut(id), ms);
  }

  /** @param {number} id */
  #timeOut(id) {
    this.settle(id, new SignalError('timeout'));
  }
}

/**
 * `Promise.withResolvers`, which browsers of 2023 lack.
 * @template Value
 * @returns {Deferred<Value>}
 */
function withResolvers() {
  /** @type {(value: Value) => void} */
  let resolve = () => {};
  /** @type {(reason: unknown) => void} */
  let reject = () => {};
  /** @type {Promise<Value>} */
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
