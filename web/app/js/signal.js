/**
 * The signalling connection: one WebSocket that comes back by itself, requests with exactly one outcome each, and the
 * server's events in order.
 */

import { backoff } from './backoff.js';
import { readServerMessage, writeClientMessage } from './protocol.js';

/** @import { Log } from './log.js' */
/** @import { Reply, Request, ServerEvent, ServerMessage } from './protocol.js' */

/** Often enough that a dead connection is noticed before a person wonders. */
const PING_EVERY_MS = 15_000;
/** Nobody waits for a reply longer than this. */
const REPLY_WITHIN_MS = 10_000;
/** So many requests that nobody waits for any more can still be answered; the oldest is forgotten first. */
const LATE_AT_MOST = 8;
/** A connection that takes longer than this to open is given up. */
const OPEN_WITHIN_MS = 10_000;
/** RFC 6455 leaves 4000-4999 to applications. */
const CLOSED_AS_DEAD = 4000;

/** Why a request came to nothing: a code of the protocol, or `offline`, or `timeout`. */
export class SignalError extends Error {
  /**
   * @param {string} code
   * @param {string} [message]
   */
  constructor(code, message = code) {
    super(message);
    this.name = 'SignalError';
    this.code = code;
  }
}

/**
 * @typedef {object} SignalOptions
 * @property {string} url
 * @property {Log} log
 * @property {(event: ServerEvent) => void} onEvent
 * @property {(link: 'connecting' | 'online' | 'lost') => void} onLink
 * @property {() => void} onRefused the server would not open the connection; the login may be gone
 * @property {typeof WebSocket} [Socket]
 * @property {() => number} [dice]
 */

/** @typedef {{ resolve: (reply: Reply) => void, reject: (error: SignalError) => void, timer: ReturnType<typeof setTimeout> }} Waiting */

export class Signal {
  #options;
  #Socket;
  #dice;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  /** Who hears a reply that comes after its request timed out. @type {Map<number, (reply: Reply) => void>} */
  #late = new Map();
  #nextId = 1;
  #lastSeq = 0;
  #attempt = 0;
  #wanted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #openTimer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pingTimer;

  /** @param {SignalOptions} options */
  constructor(options) {
    this.#options = options;
    this.#Socket = options.Socket ?? WebSocket;
    this.#dice = options.dice ?? Math.random;
  }

  /** Connects, and keeps connecting until `stop`. */
  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    this.#connect();
  }

  /** Disconnects for good. */
  stop() {
    this.#wanted = false;
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#drop();
    socket?.close(1000);
  }

  /** Tries at once instead of at the end of the pause: the network is back, or somebody looks at the page. */
  hurry() {
    if (!this.#wanted || this.#socket) return;
    clearTimeout(this.#retryTimer);
    this.#attempt = 0;
    this.#connect();
  }

  /**
   * @param {Request} request
   * @param {(reply: Reply) => void} [onLate] hears a reply that comes after the timeout: the server has done what was asked
   * @returns {Promise<Reply>} rejected with a `SignalError`
   */
  request(request, onLate) {
    const socket = this.#socket;
    if (!socket || socket.readyState !== this.#Socket.OPEN) return Promise.reject(new SignalError('offline'));
    const id = this.#nextId;
    this.#nextId += 1;
    if (request.type !== 'ping') this.#options.log.note('signal', `→ ${id}`, request);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#timeOut(id, onLate), REPLY_WITHIN_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      socket.send(writeClientMessage(id, request));
    });
  }

  #connect() {
    const socket = new this.#Socket(this.#options.url);
    this.#socket = socket;
    this.#lastSeq = 0;
    let opened = false;
    this.#options.onLink(this.#attempt === 0 ? 'connecting' : 'lost');
    this.#openTimer = setTimeout(() => this.#giveUp(socket, 'did not open in time'), OPEN_WITHIN_MS);
    socket.addEventListener('open', () => {
      if (this.#socket !== socket) return;
      opened = true;
      clearTimeout(this.#openTimer);
      this.#options.log.note('signal', 'connected');
      this.#pingTimer = setInterval(() => this.#ping(socket), PING_EVERY_MS);
    });
    socket.addEventListener('message', (message) => {
      if (this.#socket === socket && typeof message.data === 'string') this.#read(message.data);
    });
    socket.addEventListener('close', (close) => {
      if (this.#socket !== socket) return;
      this.#options.log.note('signal', `closed: ${close.code} ${close.reason}`);
      this.#lost(opened);
    });
  }

  /** @param {string} text */
  #read(text) {
    /** @type {ServerMessage} */
    const message = readServerMessage(text);
    switch (message.kind) {
      case 'done':
        if (message.ok.type !== 'done') this.#options.log.note('signal', `← ${message.reply}`, message.ok);
        this.#settle(message.reply, message.ok);
        break;
      case 'refused':
        this.#options.log.fault('signal', `← ${message.reply} refused`, message.error);
        this.#settle(message.reply, new SignalError(message.error.code, message.error.message));
        break;
      case 'event':
        this.#event(message.seq, message.event);
        break;
      case 'unknown':
        this.#options.log.fault('signal', `← not understood, ${text.length} characters`);
        break;
    }
  }

  /**
   * @param {number} seq
   * @param {ServerEvent} event
   */
  #event(seq, event) {
    this.#options.log.note('signal', `← event ${seq}`, event);
    if (seq !== this.#lastSeq + 1) this.#options.log.fault('signal', `event ${this.#lastSeq + 1} is missing before ${seq}`);
    this.#lastSeq = seq;
    if (event.type === 'welcome') {
      this.#attempt = 0;
      this.#options.onLink('online');
    }
    this.#options.onEvent(event);
  }

  /** @param {WebSocket} socket */
  #ping(socket) {
    this.request({ type: 'ping' }).catch((/** @type {SignalError} */ error) => {
      // Any reply shows the connection alive, a refusal too.
      if (error.code === 'timeout') this.#giveUp(socket, 'no reply to a ping');
    });
  }

  /**
   * @param {WebSocket} socket
   * @param {string} why
   */
  #giveUp(socket, why) {
    if (this.#socket !== socket) return;
    this.#options.log.fault('signal', why);
    // A dead connection answers the closing handshake as little as a ping, so its end is not waited for.
    this.#lost(true);
    socket.close(CLOSED_AS_DEAD, why);
  }

  /** @param {boolean} opened */
  #lost(opened) {
    this.#drop();
    if (!this.#wanted) return;
    const pause = backoff(this.#attempt, this.#dice());
    this.#attempt += 1;
    this.#options.onLink('lost');
    this.#retryTimer = setTimeout(() => this.#connect(), pause);
    if (!opened) this.#options.onRefused();
  }

  /** Forgets the connection; every request still open comes to nothing. */
  #drop() {
    this.#socket = null;
    clearTimeout(this.#openTimer);
    clearInterval(this.#pingTimer);
    this.#late.clear();
    for (const id of [...this.#waiting.keys()]) this.#settle(id, new SignalError('offline'));
  }

  /**
   * @param {number} id
   * @param {((reply: Reply) => void) | undefined} onLate
   */
  #timeOut(id, onLate) {
    if (onLate) this.#late.set(id, onLate);
    const [oldest] = this.#late.keys();
    if (oldest !== undefined && this.#late.size > LATE_AT_MOST) this.#late.delete(oldest);
    this.#settle(id, new SignalError('timeout'));
  }

  /**
   * @param {number} id
   * @param {Reply | SignalError} outcome
   */
  #settle(id, outcome) {
    const waiting = this.#waiting.get(id);
    if (!waiting) {
      const onLate = this.#late.get(id);
      this.#late.delete(id);
      if (!(outcome instanceof SignalError)) onLate?.(outcome);
      return;
    }
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (outcome instanceof SignalError) waiting.reject(outcome);
    else waiting.resolve(outcome);
  }
}
