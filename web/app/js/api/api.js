/** Accounts, contacts and invitations under `/v1`. Every method resolves with the body or rejects with an `ApiError`. */

/** @import { Label, People, Relation, User } from '../state/people.js' */
/** @import { Credentials } from '../call/relays.js' */
/** @import { Client } from './client.js' */

export class Api {
  #client;

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
  }

  /**
   * Makes an account and logs in; the cookie is set by the answer.
   * @param {{ phone: string, password: string, name: string }} account
   * @returns {Promise<User>}
   */
  async register(account) {
    return (await this.#client.call('POST', '/accounts', { ...account, session: 'cookie' })).user;
  }

  /**
   * @param {{ phone: string, password: string }} credentials
   * @returns {Promise<User>}
   */
  async logIn(credentials) {
    return (await this.#client.call('POST', '/sessions', { ...credentials, session: 'cookie' })).user;
  }

  /** @returns {Promise<void>} */
  logOut() {
    return this.#client.call('DELETE', '/sessions/current');
  }

  /** @returns {Promise<User>} */
  me() {
    return this.#client.call('GET', '/me');
  }

  /**
   * @param {string} phone
   * @returns {Promise<User & { relation: Relation }>}
   */
  find(phone) {
    return this.#client.call('GET', `/users?phone=${encodeURIComponent(phone)}`);
  }

  /** @returns {Promise<People>} */
  people() {
    return this.#client.call('GET', '/contacts');
  }

  /**
   * @param {string} phone
   * @returns {Promise<{ user: User, state: 'invited' | 'contact' }>}
   */
  invite(phone) {
    return this.#client.call('POST', '/invitations', { phone });
  }

  /** @param {string} user @returns {Promise<void>} */
  acceptInvitation(user) {
    return this.#client.call('POST', `/invitations/${encodeURIComponent(user)}/accept`);
  }

  /** @param {string} user @returns {Promise<void>} */
  declineInvitation(user) {
    return this.#client.call('POST', `/invitations/${encodeURIComponent(user)}/decline`);
  }

  /** @param {string} user @returns {Promise<void>} */
  withdrawInvitation(user) {
    return this.#client.call('DELETE', `/invitations/${encodeURIComponent(user)}`);
  }

  /** @param {string} user @returns {Promise<void>} */
  removeContact(user) {
    return this.#client.call('DELETE', `/contacts/${encodeURIComponent(user)}`);
  }

  /** @param {string} user @param {string | null} name @returns {Promise<void>} */
  rename(user, name) {
    return this.#client.call('PATCH', `/contacts/${encodeURIComponent(user)}`, { own_name: name });
  }

  /** @param {string} user @param {boolean} blocked @returns {Promise<void>} */
  block(user, blocked) {
    return this.#client.call(blocked ? 'PUT' : 'DELETE', `/blocks/${encodeURIComponent(user)}`);
  }

  /** @param {string} user @param {string} label @param {boolean} on @returns {Promise<void>} */
  setLabel(user, label, on) {
    return this.#client.call(on ? 'PUT' : 'DELETE', `/contacts/${encodeURIComponent(user)}/labels/${encodeURIComponent(label)}`);
  }

  /** @param {string} name @returns {Promise<Label>} */
  makeLabel(name) {
    return this.#client.call('POST', '/labels', { name });
  }

  /** @param {string} label @param {string} name @returns {Promise<void>} */
  renameLabel(label, name) {
    return this.#client.call('PATCH', `/labels/${encodeURIComponent(label)}`, { name });
  }

  /** @param {string} label @returns {Promise<void>} */
  deleteLabel(label) {
    return this.#client.call('DELETE', `/labels/${encodeURIComponent(label)}`);
  }

  /** @returns {Promise<Credentials>} */
  turnCredentials() {
    return this.#client.call('GET', '/turn-credentials');
  }

  /** @returns {Promise<{ call_waiting: boolean }>} */
  settings() {
    return this.#client.call('GET', '/settings');
  }

  /** @param {{ call_waiting: boolean }} settings @returns {Promise<unknown>} */
  changeSettings(settings) {
    return this.#client.call('PATCH', '/settings', settings);
  }
}
