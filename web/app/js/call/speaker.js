/** Plays what is heard in a call, and says so when the browser wants a tap first. */

export class Speaker {
  /** @type {Map<MediaStream, HTMLAudioElement>} */
  #elements = new Map();
  #onBlocked;
  #blocked = false;

  /** @param {(blocked: boolean) => void} onBlocked */
  constructor(onBlocked) {
    this.#onBlocked = onBlocked;
  }

  /**
   * Plays these streams and no others.
   * @param {MediaStream[]} streams
   */
  play(streams) {
    for (const [stream, element] of this.#elements) {
      if (streams.includes(stream)) continue;
      element.srcObject = null;
      this.#elements.delete(stream);
    }
    for (const stream of streams) {
      if (this.#elements.has(stream)) continue;
      const element = new Audio();
      element.srcObject = stream;
      this.#elements.set(stream, element);
      this.#start(element);
    }
    if (streams.length === 0) this.#tell(false);
  }

  /** Tries again; called from a tap. */
  retry() {
    this.#tell(false);
    for (const element of this.#elements.values()) this.#start(element);
  }

  /** @param {HTMLAudioElement} element */
  #start(element) {
    element.play().catch((/** @type {unknown} */ error) => {
      // Any other error is the stream's end, which the call itself tells.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#tell(true);
    });
  }

  /** @param {boolean} blocked */
  #tell(blocked) {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#onBlocked(blocked);
  }
}
