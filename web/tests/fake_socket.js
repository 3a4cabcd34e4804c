/** A socket whose other end is the test. */
export class FakeSocket extends EventTarget {
  static OPEN = 1;
  /** @type {FakeSocket[]} */
  static all = [];
  readyState = 0;
  /** @type {any[]} */
  sent = [];
  /** @param {string} url */
  constructor(url) {
    super();
    this.url = url;
    FakeSocket.all.push(this);
  }
  static get last() {
    return /** @type {FakeSocket} */ (FakeSocket.all.at(-1));
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  /** With what it was closed from here. @type {number | undefined} */
  closedWith;
  /** @param {number} [code] */
  close(code) {
    this.readyState = 3;
    this.closedWith = code;
  }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  /** @param {unknown} message */
  receive(message) {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }));
  }
  lose(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }));
  }
}
