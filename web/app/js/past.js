/** The history of calls: loaded page by page, and marked as seen. */

import { codeOf } from './api/client.js';

/** @import { Talk } from './api/talk.js' */
/** @import { Log } from './log.js' */
/** @import { HistoryAction } from './state/history.js' */
/** @import { Store } from './state/store.js' */

/** More than a screen shows, and few enough to be there at once. */
const PAGE = 30;

export class Past {
  #talk;
  #store;
  #log;
  /** Tells the answer to the newest question from those overtaken by it. */
  #asked = 0;

  /** @param {{ talk: Talk, store: Store, log: Log }} parts */
  constructor({ talk, store, log }) {
    this.#talk = talk;
    this.#store = store;
    this.#log = log;
  }

  /** Loads the latest page, in the place of all that was loaded before. */
  refresh() {
    return this.#load(true);
  }

  /** Loads the page before the oldest call that is known. */
  async older() {
    const { more, status } = this.#store.state.history;
    if (more && status !== 'loading') await this.#load(false);
  }

  /** The missed calls have been looked at. */
  async seen() {
    if (this.#store.state.history.missed === 0) return;
    this.#dispatch({ type: 'history_seen' });
    await this.#talk.callsSeen().catch((error) => this.#log.fault('api', 'calls seen:', codeOf(error)));
  }

  /** @param {boolean} first */
  async #load(first) {
    const asked = (this.#asked += 1);
    this.#dispatch({ type: 'history_loading' });
    try {
      const before = first ? null : (this.#store.state.history.calls?.at(-1) ?? null);
      const { calls, missed } = await this.#talk.calls({ before, limit: PAGE });
      if (asked === this.#asked) this.#dispatch({ type: 'history_page', calls, missed, more: calls.length === PAGE, first });
    } catch (error) {
      this.#log.fault('api', 'calls:', codeOf(error));
      if (asked === this.#asked) this.#dispatch({ type: 'history_failed' });
    }
  }

  /** @param {HistoryAction} action */
  #dispatch(action) {
    if (this.#store.state.account === 'in') this.#store.dispatch({ type: 'history', action });
  }
}
