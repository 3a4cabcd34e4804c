/** The address book: own names, labels and blocks, and the settings kept with the account. */

import { codeOf } from './api/client.js';

/** @import { Account } from './account.js' */
/** @import { Api } from './api/api.js' */
/** @import { Log } from './log.js' */
/** @import { Store } from './state/store.js' */
/** @import { Label } from './state/people.js' */

export class Book {
  #account;
  #api;
  #log;
  #store;

  /** @param {{ account: Account, api: Api, log: Log, store: Store }} parts */
  constructor({ account, api, log, store }) {
    this.#account = account;
    this.#api = api;
    this.#log = log;
    this.#store = store;
  }

  /**
   * @param {string} user
   * @param {string} name none to show the person's own again
   */
  rename(user, name) {
    return this.#change(() => this.#api.rename(user, name.trim() || null));
  }

  /** @param {string} user @param {boolean} blocked */
  block(user, blocked) {
    return this.#change(() => this.#api.block(user, blocked));
  }

  /** @param {string} user @param {string} label @param {boolean} on */
  setLabel(user, label, on) {
    return this.#change(() => this.#api.setLabel(user, label, on));
  }

  /**
   * @param {string} name
   * @param {string} [user] who is to bear it at once
   */
  makeLabel(name, user) {
    return this.#change(async () => {
      const { id } = await this.#api.makeLabel(name.trim());
      if (user) await this.#api.setLabel(user, id, true);
    });
  }

  /** @param {Label} label @param {string} name */
  renameLabel({ id }, name) {
    return this.#change(() => this.#api.renameLabel(id, name.trim()));
  }

  /** @param {Label} label */
  deleteLabel({ id }) {
    return this.#change(() => this.#api.deleteLabel(id));
  }

  async loadSettings() {
    try {
      const { call_waiting: callWaiting } = await this.#api.settings();
      this.#store.dispatch({ type: 'settings', settings: { callWaiting } });
    } catch (error) {
      this.#log.fault('api', 'settings:', codeOf(error));
    }
  }

  /** @param {boolean} callWaiting */
  async setCallWaiting(callWaiting) {
    const before = this.#store.state.settings;
    this.#store.dispatch({ type: 'settings', settings: { callWaiting } });
    const done = await this.#account.carryOut(() => this.#api.changeSettings({ call_waiting: callWaiting }));
    if (!done) this.#store.dispatch({ type: 'settings', settings: before });
  }

  /**
   * @param {() => Promise<unknown>} change
   * @returns {Promise<boolean>} whether it was done
   */
  async #change(change) {
    const done = await this.#account.carryOut(change);
    await this.#account.refresh();
    return done;
  }
}
