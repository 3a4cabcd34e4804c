/** Logging in and out, contacts and invitations: what the person does on the page, carried out and put into the state. */

import { codeOf } from './api/client.js';
import { typedPhone } from './format.js';
import { errorKey } from './i18n/index.js';
import { relation } from './state/people.js';

/** @import { Api } from './api/api.js' */
/** @import { Log } from './log.js' */
/** @import { Signal } from './signal/signal.js' */
/** @import { Store } from './state/store.js' */
/** @import { User } from './state/people.js' */
/** @import { Key } from './i18n/index.js' */

export class Account {
  #api;
  #store;
  #signal;
  #log;
  /** Tells the answer to the newest question from those overtaken by it. */
  #peopleAsked = 0;
  #findAsked = 0;

  /** @param {{ api: Api, store: Store, signal: Signal, log: Log }} parts */
  constructor({ api, store, signal, log }) {
    this.#api = api;
    this.#store = store;
    this.#signal = signal;
    this.#log = log;
  }

  /** Finds out whether this browser is logged in already. */
  async start() {
    try {
      this.#enter(await this.#api.me());
    } catch (error) {
      if (codeOf(error) !== 'unauthenticated') this.#toast(error);
      this.#store.dispatch({ type: 'logged_out', thrownOut: false });
    }
  }

  /** @param {{ phone: string, password: string, name: string }} account */
  async register({ phone, password, name }) {
    this.#enter(await this.#api.register({ phone: typedPhone(phone), password, name: name.trim() }));
  }

  /** @param {{ phone: string, password: string }} credentials */
  async logIn({ phone, password }) {
    this.#enter(await this.#api.logIn({ phone: typedPhone(phone), password }));
  }

  async logOut() {
    try {
      await this.#api.logOut();
    } catch (error) {
      if (codeOf(error) !== 'unauthenticated') {
        this.#toast(error);
        return;
      }
    }
    this.#leave(false);
  }

  /**
   * The server ended this login, or its connection cannot be opened: finds out which.
   * @returns {Promise<boolean>} whether the server answers at all
   */
  async checkLogin() {
    try {
      await this.#api.me();
      return true;
    } catch (error) {
      if (codeOf(error) === 'unauthenticated') this.thrownOut();
      return codeOf(error) === 'unauthenticated';
    }
  }

  /** This login was revoked. */
  thrownOut() {
    if (this.#store.state.account === 'in') this.#leave(true);
  }

  async refresh() {
    const asked = (this.#peopleAsked += 1);
    try {
      const people = await this.#api.people();
      if (asked === this.#peopleAsked && this.#store.state.account === 'in') this.#store.dispatch({ type: 'people', people });
    } catch (error) {
      if (codeOf(error) === 'unauthenticated') this.thrownOut();
      else if (asked === this.#peopleAsked) this.#store.dispatch({ type: 'people_failed' });
    }
  }

  /** @param {string} typed */
  async find(typed) {
    const phone = typedPhone(typed);
    const asked = (this.#findAsked += 1);
    this.#store.dispatch({ type: 'find', find: { status: 'busy', phone } });
    try {
      const { id, name, phone: number } = await this.#api.find(phone);
      if (asked === this.#findAsked) this.#store.dispatch({ type: 'find', find: { status: 'found', user: { id, name, phone: number } } });
    } catch (error) {
      if (asked === this.#findAsked) this.#store.dispatch({ type: 'find', find: { status: 'failed', code: codeOf(error) } });
      if (codeOf(error) === 'unauthenticated') this.thrownOut();
    }
  }

  clearFind() {
    if (this.#store.state.find.status === 'idle') return;
    this.#findAsked += 1;
    this.#store.dispatch({ type: 'find', find: { status: 'idle' } });
  }

  /** @param {User} user */
  invite(user) {
    return this.#change(user, null, () => this.#api.invite(user.phone));
  }

  /** @param {User} user */
  accept(user) {
    return this.#change(user, null, () => this.#api.acceptInvitation(user.id));
  }

  /** @param {User} user */
  decline(user) {
    return this.#change(user, null, () => this.#api.declineInvitation(user.id));
  }

  /** @param {User} user */
  withdraw(user) {
    return this.#change(user, null, () => this.#api.withdrawInvitation(user.id));
  }

  /** @param {User} user */
  remove(user) {
    return this.#change(user, 'contacts.removed', () => this.#api.removeContact(user.id));
  }

  /** @param {User} user */
  relation(user) {
    return relation(this.#store.state, user.id);
  }

  /**
   * @param {User} user
   * @param {Key | null} words said when it is done
   * @param {() => Promise<unknown>} change
   */
  async #change(user, words, change) {
    if ((await this.carryOut(change)) && words) this.#say(words, user);
    await this.refresh();
  }

  /**
   * Does what the person asked for, and says what kept it from being done.
   * @param {() => Promise<unknown>} change
   * @returns {Promise<boolean>} whether it was done
   */
  async carryOut(change) {
    try {
      await change();
      return true;
    } catch (error) {
      this.#toast(error);
      if (codeOf(error) === 'unauthenticated') this.thrownOut();
      return false;
    }
  }

  /** @param {User} me */
  #enter(me) {
    this.#log.note('app', 'logged in', { user: me.id });
    this.#store.dispatch({ type: 'logged_in', me: { id: me.id, phone: me.phone, name: me.name } });
    this.#signal.start();
  }

  /** @param {boolean} thrownOut */
  #leave(thrownOut) {
    this.#log.note('app', thrownOut ? 'the login was ended elsewhere' : 'logged out');
    this.#signal.stop();
    this.#store.dispatch({ type: 'logged_out', thrownOut });
  }

  /**
   * @param {Key} key
   * @param {User} user
   */
  #say(key, user) {
    this.#store.dispatch({ type: 'toast', key, values: { name: user.name } });
  }

  /** @param {unknown} error */
  #toast(error) {
    this.#log.fault('api', 'failed:', codeOf(error));
    this.#store.dispatch({ type: 'toast', key: errorKey(codeOf(error)), bad: true });
  }
}
