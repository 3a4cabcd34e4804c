/** Reads a stream of server-sent events (WHATWG HTML §9.2.6) as far as the protocol uses it. Pure. */

/** @typedef {{ type: string, data: string }} StreamEvent */

export class EventReader {
  #onEvent;
  #rest = '';
  #type = '';
  /** @type {string[]} */
  #data = [];

  /** @param {(event: StreamEvent) => void} onEvent */
  constructor(onEvent) {
    this.#onEvent = onEvent;
  }

  /** @param {string} text the next piece, cut anywhere */
  read(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  /** @param {string} line */
  #line(line) {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data.push(value);
  }

  #dispatch() {
    const event = { type: this.#type || 'message', data: this.#data.join('\n') };
    const worth = this.#data.length > 0 || this.#type !== '';
    this.#type = '';
    this.#data = [];
    if (worth) this.#onEvent(event);
  }
}
