/**
 * The signalling connection: it comes back by itself and goes on as the same device where it can, every request has exactly
 * one outcome, and the server's events come in order and once.
 */

import { CLOSED_TAKEN_OVER, readServerMessage } from '../protocol.js';
import { backoff } from './backoff.js';
import { SignalError } from './error.js';
import { Requests } from './requests.js';

/** @import { Log } from '../log.js' */
/** @import { Reply, Request, ServerEvent } from '../protocol.js' */
/** @import { Hearer, Link, Resume, Transport } from './transport.js' */

/** Often enough that a dead connection is noticed before a person wonders. */
const PING_EVERY_MS = 15_000;
/** For a connection that may have died while the page slept: somebody looks at it. */
const PROBE_WITHIN_MS = 4000;
/** A connection that takes longer than this to open is given up. */
const OPEN_WITHIN_MS = 10_000;
/** The server keeps the seat of a lost device for 20 s; a little more, for it may have noticed the loss later. */
export const RESUME_WITHIN_MS = 25_000;
/** While the device may still be resumed, somebody may be waiting in a call. */
const RESUME_PAUSE_MS = 2000;
/** So often in a row the transport has to fail, with the server answering otherwise, before the next one is used. */
const FAILURES_TO_FALL_BACK = 2;
/** RFC 6455 leaves 4000-4999 to applications. */
const CLOSED_AS_DEAD = 4000;

/**
 * @typedef {object} SignalOptions
 * @property {Transport[]} transports the first is used as long as it passes
 * @property {Log} log
 * @property {(event: ServerEvent) => void} onEvent
 * @property {(link: 'connecting' | 'online' | 'lost') => void} onLink
 * @property {() => void} onForgotten the device cannot be resumed any more: its calls and what rang on it are gone
 * @property {() => Promise<boolean>} onRefused the connection would not open; the login may be gone. Says whether the server answers
 * @property {() => number} [dice]
 */

export class Signal {
  #options;
  #dice;
  #requests = new Requests();
  /** @type {Transport[]} */
  #transports;
  /** @type {Link | null} */
  #link = null;
  /** Whether the link has said `welcome` or `resumed`. */
  #ready = false;
  /** @type {string | null} */
  #device = null;
  #lastSeq = 0;
  #attempt = 0;
  #failures = 0;
  #wanted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #openTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resumeTimer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pingTimer;

  /** @param {SignalOptions} options */
  constructor(options) {
    this.#options = options;
    this.#transports = [...options.transports];
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
    const link = this.#drop();
    link?.leave(this.#device);
    this.#forget();
  }

  /** The page goes: the server need not wait for this device. It connects anew should the page come back after all. */
  pageGoes() {
    this.#link?.leave(this.#device);
  }

  /** Tries at once instead of at the end of the pause: the network is back, or somebody looks at the page. */
  hurry() {
    if (!this.#wanted) return;
    if (this.#link) {
      if (this.#ready) this.#ping(this.#link, PROBE_WITHIN_MS);
      return;
    }
    clearTimeout(this.#retryTimer);
    this.#attempt = 0;
    this.#connect();
  }

  /**
   * While the connection is broken a request waits for it to be resumed.
   * @param {Request} request
   * @param {(reply: Reply) => void} [onLate] hears a reply that comes after the timeout: the server has done what was asked
   * @returns {Promise<Reply>} rejected with a `SignalError`
   */
  request(request, onLate) {
    return this.#ask(request, { onLate, within: this.#ready ? undefined : RESUME_WITHIN_MS });
  }

  /**
   * @param {Request} request
   * @param {{ onLate?: ((reply: Reply) => void) | undefined, within?: number | undefined }} options
   * @returns {Promise<Reply>}
   */
  #ask(request, { onLate, within }) {
    if (this.#device === null) return Promise.reject(new SignalError('offline'));
    const { id, text, outcome } = this.#requests.add(request, { onLate, ...(within === undefined ? {} : { within }) });
    if (request.type !== 'ping' && request.type !== 'report') this.#options.log.note('signal', `→ ${id}`, request);
    if (this.#ready) this.#link?.send(text, this.#device);
    return outcome;
  }

  #connect() {
    const [transport] = this.#transports;
    if (!transport) return;
    /** @type {Resume | null} */
    const resume = this.#device === null ? null : { device: this.#device, after: this.#lastSeq };
    this.#options.onLink(this.#attempt === 0 && resume === null ? 'connecting' : 'lost');
    let opened = false;
    /** @type {Link | null} */
    let link = null;
    /** @param {(hearer: Link) => void} act */
    const whileMine = (act) => {
      if (link && this.#link === link) act(link);
    };
    /** @type {Hearer} */
    const hearer = {
      opened: () =>
        whileMine((mine) => {
          opened = true;
          clearTimeout(this.#openTimer);
          this.#options.log.note('signal', `connected by ${transport.name}`);
          this.#pingTimer = setInterval(() => this.#ping(mine), PING_EVERY_MS);
        }),
      heard: (text) => whileMine(() => this.#read(text)),
      pinged: () => whileMine((mine) => this.#ping(mine)),
      closed: (code, reason) =>
        whileMine(() => {
          this.#options.log.note('signal', `closed: ${code} ${reason}`);
          if (code === CLOSED_TAKEN_OVER) this.#forget();
          this.#lost(opened);
        }),
    };
    try {
      link = transport.open(resume, hearer);
    } catch (error) {
      this.#options.log.fault('signal', `${transport.name}:`, error);
      this.#fallBack();
      return;
    }
    const made = link;
    this.#link = made;
    this.#openTimer = setTimeout(() => this.#giveUp(made, 'did not open in time', opened), OPEN_WITHIN_MS);
  }

  /** @param {string} text */
  #read(text) {
    const message = readServerMessage(text);
    switch (message.kind) {
      case 'done':
        if (message.ok.type !== 'done') this.#options.log.note('signal', `← ${message.reply}`, message.ok);
        this.#requests.settle(message.reply, message.ok);
        break;
      case 'refused':
        this.#options.log.fault('signal', `← ${message.reply} refused`, message.error);
        this.#requests.settle(message.reply, new SignalError(message.error.code, message.error.message));
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
    if (event.type === 'welcome') this.#welcome(event.device);
    else if (event.type === 'resumed') this.#resumed();
    else if (seq <= this.#lastSeq) {
      this.#options.log.note('signal', `← event ${seq} once more`);
      return;
    }
    this.#options.log.note('signal', `← event ${seq}`, event);
    // One of a newer server that this client does not know has a number too; so has one that a resumed client is not told,
    // since a later one made it void.
    if (seq > this.#lastSeq + 1) this.#options.log.note('signal', `events before ${seq} were not told, or not understood`);
    this.#lastSeq = Math.max(seq, this.#lastSeq);
    this.#options.onEvent(event);
  }

  /** @param {string} device */
  #welcome(device) {
    const before = this.#device;
    this.#requests.fail();
    this.#device = device;
    this.#lastSeq = 0;
    if (before !== null) this.#options.log.note('signal', 'not resumed: this is a new device');
    this.#online();
  }

  #resumed() {
    this.#online();
    for (const text of this.#requests.again()) this.#link?.send(text, this.#device);
  }

  #online() {
    this.#ready = true;
    this.#attempt = 0;
    this.#failures = 0;
    clearTimeout(this.#resumeTimer);
    this.#resumeTimer = undefined;
    this.#options.onLink('online');
  }

  /**
   * @param {Link} link
   * @param {number} [within]
   */
  #ping(link, within) {
    this.#ask({ type: 'ping' }, { within }).catch((/** @type {SignalError} */ error) => {
      // Any reply shows the connection alive, a refusal too.
      if (error.code === 'timeout') this.#giveUp(link, 'no reply to a ping', true);
    });
  }

  /**
   * @param {Link} link
   * @param {string} why
   * @param {boolean} opened
   */
  #giveUp(link, why, opened) {
    if (this.#link !== link) return;
    this.#options.log.fault('signal', why);
    // A dead connection answers the closing handshake as little as a ping, so its end is not waited for.
    this.#lost(opened);
    link.drop(CLOSED_AS_DEAD, why);
  }

  /** @param {boolean} opened */
  #lost(opened) {
    this.#drop();
    if (!this.#wanted) return;
    if (this.#device !== null && this.#resumeTimer === undefined) {
      this.#resumeTimer = setTimeout(() => this.#giveUpResuming(), RESUME_WITHIN_MS);
      this.#requests.keep(RESUME_WITHIN_MS);
    }
    const pause = backoff(this.#attempt, this.#dice());
    this.#attempt += 1;
    this.#options.onLink('lost');
    this.#retryTimer = setTimeout(() => this.#connect(), this.#device === null ? pause : Math.min(pause, RESUME_PAUSE_MS));
    if (!opened) this.#refused();
  }

  /** A transport that fails while the server answers does not pass: some proxies and browsers have no WebSocket. */
  async #refused() {
    const answers = await this.#options.onRefused();
    this.#failures = answers ? this.#failures + 1 : 0;
    if (this.#failures >= FAILURES_TO_FALL_BACK && this.#wanted && !this.#ready) this.#fallBack();
  }

  #fallBack() {
    const [transport, next] = this.#transports;
    if (!transport || !next) return;
    this.#options.log.note('signal', `${transport.name} does not pass: using ${next.name}`);
    this.#transports.shift();
    this.#failures = 0;
    clearTimeout(this.#retryTimer);
    this.#drop()?.drop(CLOSED_AS_DEAD, 'does not pass');
    this.#connect();
  }

  #giveUpResuming() {
    this.#options.log.fault('signal', 'not resumed in time');
    this.#forget();
    this.#drop()?.drop(CLOSED_AS_DEAD, 'too late');
    clearTimeout(this.#retryTimer);
    if (this.#wanted) this.#connect();
  }

  /** From here on this is no device until the next welcome. */
  #forget() {
    clearTimeout(this.#resumeTimer);
    this.#resumeTimer = undefined;
    this.#requests.fail();
    if (this.#device === null) return;
    this.#device = null;
    this.#options.onForgotten();
  }

  /** @returns {Link | null} the connection that is listened to no more */
  #drop() {
    const link = this.#link;
    this.#link = null;
    this.#ready = false;
    clearTimeout(this.#openTimer);
    clearInterval(this.#pingTimer);
    return link;
  }
}
