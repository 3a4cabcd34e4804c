/** Messages where no WebSocket passes: events come as a stream (WHATWG HTML §9.2), requests are posted one after another. */

import { EventReader } from './event_reader.js';
import { queryOf } from './transport.js';

/** @import { Hearer, Link, Resume, Transport } from './transport.js' */

/** Browsers carry no more than 64 KiB past the end of a page, over all that is on its way. */
const OUTLIVES_THE_PAGE = 8 * 1024;
/** A request that is not taken within this time was not taken. */
const TAKEN_WITHIN_MS = 10_000;

/** @implements {Transport} */
export class SseTransport {
  name = 'SSE and POST';
  #base;
  #fetch;

  /**
   * @param {string} base `/v1`
   * @param {typeof fetch} [fetcher]
   */
  constructor(base, fetcher = (...request) => fetch(...request)) {
    this.#base = base;
    this.#fetch = fetcher;
  }

  /**
   * @param {Resume | null} resume
   * @param {Hearer} hearer
   * @returns {Link}
   */
  open(resume, hearer) {
    const end = new AbortController();
    let over = false;
    let left = false;
    /** @param {number} code @param {string} reason */
    const close = (code, reason) => {
      if (over) return;
      over = true;
      end.abort();
      hearer.closed(code, reason);
    };
    /** @type {Hearer} */
    const whileHere = {
      ...hearer,
      heard: (text) => {
        if (!left) hearer.heard(text);
      },
      pinged: () => {
        if (!left) hearer.pinged();
      },
    };
    this.#listen(resume, whileHere, end.signal).then(
      (status) => close(status, 'the stream ended'),
      (error) => close(0, String(error)),
    );
    const outbox = new Outbox((text, device) => this.#post(text, device), (why) => close(0, why));
    return {
      send: (text, device) => outbox.send(text, device),
      drop: () => {
        over = true;
        outbox.stop();
        end.abort();
      },
      // The server ends the stream at that word; a stream that ended before it would look like a lost connection.
      leave: (device) => {
        left = true;
        outbox.stop();
        if (device) this.#leave(device).catch((error) => close(0, String(error)));
        else close(0, 'left');
      },
    };
  }

  /**
   * @param {Resume | null} resume
   * @param {Hearer} hearer
   * @param {AbortSignal} signal
   * @returns {Promise<number>} the status of the answer, once it is over
   */
  async #listen(resume, hearer, signal) {
    const url = `${this.#base}/events${queryOf(resume)}`;
    const answer = await this.#fetch(url, { headers: { accept: 'text/event-stream' }, credentials: 'same-origin', cache: 'no-store', signal });
    if (!answer.ok || !answer.body) return answer.status;
    hearer.opened();
    const reader = new EventReader(({ type, data }) => {
      if (signal.aborted) return;
      if (type === 'ping') hearer.pinged();
      else hearer.heard(data);
    });
    const decoder = new TextDecoder();
    const body = answer.body.getReader();
    for (;;) {
      const { done, value } = await body.read();
      if (done) return answer.status;
      reader.read(decoder.decode(value, { stream: true }));
    }
  }

  /**
   * @param {string} text
   * @param {string} device
   */
  async #post(text, device) {
    const answer = await this.#fetch(`${this.#base}/requests?device=${encodeURIComponent(device)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
      credentials: 'same-origin',
      keepalive: text.length < OUTLIVES_THE_PAGE,
      signal: AbortSignal.timeout(TAKEN_WITHIN_MS),
    });
    if (!answer.ok) throw new Error(`a request was not taken: ${answer.status}`);
  }

  /** @param {string} device */
  async #leave(device) {
    const url = `${this.#base}/events/close?device=${encodeURIComponent(device)}`;
    const answer = await this.#fetch(url, { method: 'POST', credentials: 'same-origin', keepalive: true });
    if (!answer.ok) throw new Error(`leaving was not taken: ${answer.status}`);
  }
}

/** Posts one request at a time: two at once could overtake each other. */
class Outbox {
  #post;
  #onFailure;
  /** @type {{ text: string, device: string }[]} */
  #queue = [];
  #busy = false;
  #stopped = false;

  /**
   * @param {(text: string, device: string) => Promise<void>} post
   * @param {(why: string) => void} onFailure
   */
  constructor(post, onFailure) {
    this.#post = post;
    this.#onFailure = onFailure;
  }

  /**
   * @param {string} text
   * @param {string | null} device
   */
  send(text, device) {
    if (device === null || this.#stopped) return;
    this.#queue.push({ text, device });
    if (!this.#busy) this.#work();
  }

  /** What waits is not posted, and what is under way fails unheard. */
  stop() {
    this.#stopped = true;
    this.#queue = [];
  }

  async #work() {
    this.#busy = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) await this.#post(next.text, next.device);
    } catch (error) {
      this.#queue = [];
      if (!this.#stopped) this.#onFailure(String(error));
    } finally {
      this.#busy = false;
    }
  }
}
