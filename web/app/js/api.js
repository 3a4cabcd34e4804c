/** The REST interface under `/v1`. Every method resolves with the body or rejects with an `ApiError`. */

/** @import { Log } from './log.js' */
/** @import { People, User, Relation } from './state/state.js' */

const ANSWER_WITHIN_MS = 15_000;

/** A refusal by its stable code (`wrong_credentials`, …), or `offline`, or `timeout`. */
export class ApiError extends Error {
  /**
   * @param {string} code
   * @param {number} status 0 when there was no answer
   */
  constructor(code, status) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

export class Api {
  #log;
  #fetch;

  /**
   * @param {Log} log
   * @param {typeof fetch} [fetcher]
   */
  constructor(log, fetcher = (...request) => fetch(...request)) {
    this.#log = log;
    this.#fetch = fetcher;
  }

  /**
   * Makes an account and logs in; the cookie is set by the answer.
   * @param {{ phone: string, password: string, name: string }} account
   * @returns {Promise<User>}
   */
  async register(account) {
    return (await this.#call('POST', '/accounts', { ...account, session: 'cookie' })).user;
  }

  /**
   * @param {{ phone: string, password: string }} credentials
   * @returns {Promise<User>}
   */
  async logIn(credentials) {
    return (await this.#call('POST', '/sessions', { ...credentials, session: 'cookie' })).user;
  }

  /** @returns {Promise<void>} */
  logOut() {
    return this.#call('DELETE', '/sessions/current');
  }

  /** @returns {Promise<User>} */
  me() {
    return this.#call('GET', '/me');
  }

  /**
   * @param {string} phone
   * @returns {Promise<User & { relation: Relation }>}
   */
  find(phone) {
    return this.#call('GET', `/users?phone=${encodeURIComponent(phone)}`);
  }

  /** @returns {Promise<People>} */
  people() {
    return this.#call('GET', '/contacts');
  }

  /**
   * @param {string} phone
   * @returns {Promise<{ user: User, state: 'invited' | 'contact' }>}
   */
  invite(phone) {
    return this.#call('POST', '/invitations', { phone });
  }

  /** @param {string} user @returns {Promise<void>} */
  acceptInvitation(user) {
    return this.#call('POST', `/invitations/${encodeURIComponent(user)}/accept`);
  }

  /** @param {string} user @returns {Promise<void>} */
  declineInvitation(user) {
    return this.#call('POST', `/invitations/${encodeURIComponent(user)}/decline`);
  }

  /** @param {string} user @returns {Promise<void>} */
  withdrawInvitation(user) {
    return this.#call('DELETE', `/invitations/${encodeURIComponent(user)}`);
  }

  /** @param {string} user @returns {Promise<void>} */
  removeContact(user) {
    return this.#call('DELETE', `/contacts/${encodeURIComponent(user)}`);
  }

  /**
   * @param {string} method
   * @param {string} path below `/v1`
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async #call(method, path, body) {
    /** @type {RequestInit} */
    const request = { method, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
    if (body !== undefined) {
      request.headers = { 'content-type': 'application/json' };
      request.body = JSON.stringify(body);
    }
    const answer = await this.#send(path, request);
    this.#log.note('api', `${method} ${withoutQuery(path)} ${answer.status}`);
    if (answer.status === 204) return undefined;
    const content = await answer.json().catch(() => null);
    if (answer.ok && content !== null) return content;
    throw new ApiError(typeof content?.code === 'string' ? content.code : 'unknown', answer.status);
  }

  /**
   * @param {string} path
   * @param {RequestInit} request
   */
  async #send(path, request) {
    try {
      return await this.#fetch(`/v1${path}`, request);
    } catch (error) {
      this.#log.fault('api', `${request.method} ${withoutQuery(path)}`, error);
      throw new ApiError(error instanceof DOMException && error.name === 'TimeoutError' ? 'timeout' : 'offline', 0);
    }
  }
}

/**
 * A query holds the number that was searched for, which the log must not.
 * @param {string} path
 */
function withoutQuery(path) {
  return path.replace(/\?.*/, '?…');
}
