/** What was said and who called: conversations and the history of calls under `/v1`. */

import { query } from './client.js';

/** @import { Message } from '../protocol.js' */
/** @import { PastCall } from '../state/history.js' */
/** @import { Conversation } from '../state/messages.js' */
/** @import { Client } from './client.js' */

export class Talk {
  #client;

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
  }

  /**
   * @param {{ before: PastCall | null, limit: number }} page
   * @returns {Promise<{ calls: PastCall[], missed: number }>} the latest first
   */
  calls({ before, limit }) {
    return this.#client.call('GET', `/calls${query({ before_ms: before?.placed_ms, before: before?.id, limit })}`);
  }

  /** @returns {Promise<void>} */
  callsSeen() {
    return this.#client.call('POST', '/calls/seen');
  }

  /** @returns {Promise<{ conversations: Conversation[] }>} */
  conversations() {
    return this.#client.call('GET', '/conversations');
  }

  /**
   * @param {string} user
   * @param {{ before: string | null, limit: number }} page
   * @returns {Promise<{ messages: Message[], more: boolean }>} the newest first
   */
  messages(user, page) {
    return this.#client.call('GET', `${conversation(user)}/messages${query(page)}`);
  }

  /** @param {string} user @param {string} key @param {string} text @returns {Promise<Message>} */
  sendText(user, key, text) {
    return this.#client.call('POST', `${conversation(user)}/messages`, { key, text });
  }

  /** @param {string} user @param {string} key @param {Blob} clip @returns {Promise<Message>} */
  sendClip(user, key, clip) {
    return this.#client.call('POST', `${conversation(user)}/clips${query({ key })}`, clip);
  }

  /** @param {string} user @param {string} upTo @returns {Promise<void>} */
  read(user, upTo) {
    return this.#client.call('POST', `${conversation(user)}/read`, { up_to: upTo });
  }
}

/**
 * @param {string} clip
 * @returns {string} where a clip is heard
 */
export function clipUrl(clip) {
  return `/v1/clips/${encodeURIComponent(clip)}`;
}

/** @param {string} user */
function conversation(user) {
  return `/conversations/${encodeURIComponent(user)}`;
}
