/** Messages over a WebSocket. */

import { queryOf } from './transport.js';

/** @import { Hearer, Link, Resume, Transport } from './transport.js' */

/** @implements {Transport} */
export class WebSocketTransport {
  name = 'WebSocket';
  #url;
  #Socket;

  /**
   * @param {string} url
   * @param {typeof WebSocket | undefined} Socket some networks' browsers have none
   */
  constructor(url, Socket) {
    this.#url = url;
    this.#Socket = Socket;
  }

  /**
   * @param {Resume | null} resume
   * @param {Hearer} hearer
   * @returns {Link}
   */
  open(resume, hearer) {
    if (!this.#Socket) throw new Error('there is no WebSocket here');
    const socket = new this.#Socket(this.#url + queryOf(resume));
    socket.addEventListener('open', () => hearer.opened());
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') hearer.heard(data);
    });
    socket.addEventListener('close', ({ code, reason }) => hearer.closed(code, reason));
    return {
      send: (text) => socket.send(text),
      drop: (code, reason) => socket.close(code, reason),
      leave: () => socket.close(1000),
    };
  }
}
