/** Holds the one state of the page and tells who listens when it changes. */

/** @import { State, Action } from './state.js' */

export class Store {
  /** @type {State} */
  #state;
  /** @type {(state: State, action: Action) => State} */
  #reduce;
  /** @type {Set<(state: State) => void>} */
  #listeners = new Set();

  /**
   * @param {State} initial
   * @param {(state: State, action: Action) => State} reduce
   */
  constructor(initial, reduce) {
    this.#state = initial;
    this.#reduce = reduce;
  }

  /** @returns {State} */
  get state() {
    return this.#state;
  }

  /** @param {Action} action */
  dispatch(action) {
    const next = this.#reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    // A listener may dispatch in its turn; those after it are told the state as it is by then.
    for (const listener of this.#listeners) listener(this.#state);
  }

  /**
   * @param {(state: State) => void} listener
   * @returns {() => void} stops listening
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
