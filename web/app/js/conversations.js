/** Conversations: loaded, read, and what is written and spoken into them. */

import { codeOf } from './api/client.js';
import { lastFrom, NO_THREAD, otherOf } from './state/messages.js';
import { nameOfContact } from './state/people.js';

/** @import { Talk } from './api/talk.js' */
/** @import { Log } from './log.js' */
/** @import { Message } from './protocol.js' */
/** @import { Draft, MessagesAction, Thread } from './state/messages.js' */
/** @import { Store } from './state/store.js' */

/** More than a screen shows, and few enough to be there at once. */
const PAGE = 40;

export class Conversations {
  #talk;
  #store;
  #log;
  #now;
  #newKey;
  /** The last message told to be read, by the other person. @type {Map<string, string>} */
  #told = new Map();

  /** @param {{ talk: Talk, store: Store, log: Log, now: () => number, newKey?: () => string }} parts */
  constructor({ talk, store, log, now, newKey = uuid }) {
    this.#talk = talk;
    this.#store = store;
    this.#log = log;
    this.#now = now;
    this.#newKey = newKey;
  }

  async refresh() {
    try {
      const { conversations } = await this.#talk.conversations();
      this.#dispatch({ type: 'conversations', conversations });
    } catch (error) {
      this.#log.fault('api', 'conversations:', codeOf(error));
      this.#dispatch({ type: 'conversations_failed' });
    }
  }

  /** What came while there was no connection was not heard: what lies open is loaded again. */
  async catchUp() {
    this.#dispatch({ type: 'threads_stale' });
    const { conversation } = this.#store.state.place;
    await Promise.all([this.refresh(), conversation ? this.open(conversation) : null]);
  }

  /** Loads the newest page, where it is not there yet. @param {string} user */
  async open(user) {
    const { loaded, status } = this.#thread(user);
    if (!loaded && status !== 'loading') await this.#load(user, null);
  }

  /** Loads the page before the oldest message that is known. @param {string} user */
  async older(user) {
    const { messages, more, status } = this.#thread(user);
    if (more && status !== 'loading') await this.#load(user, messages[0]?.id ?? null);
  }

  /** @param {Message} message as the server tells it */
  heard(message) {
    const { me, messages } = this.#store.state;
    if (!me) return;
    const other = otherOf(message, me.id);
    const known = messages.conversations?.find((conversation) => conversation.with.id === other);
    // The first message of somebody who is no contact any more comes without a name.
    if (!known?.with.name) this.refresh();
  }

  /** The person looks at the conversation as far as it is loaded. @param {string} user */
  async read(user) {
    const conversation = this.#store.state.messages.conversations?.find((candidate) => candidate.with.id === user);
    const upTo = lastFrom(this.#thread(user), user);
    if (!conversation?.unread || !upTo || this.#told.get(user) === upTo) return;
    this.#told.set(user, upTo);
    this.#dispatch({ type: 'read', with: user, upTo });
    try {
      await this.#talk.read(user, upTo);
    } catch (error) {
      this.#told.delete(user);
      this.#log.fault('api', 'read:', codeOf(error));
    }
  }

  /** @param {string} user @param {string} text */
  sendText(user, text) {
    return this.#send(user, { text: text.trim(), clip: null });
  }

  /** @param {string} user @param {Blob} clip */
  sendClip(user, clip) {
    return this.#send(user, { text: null, clip });
  }

  /** Sends again what did not get through; with its old key it is not said twice. @param {string} user @param {Draft} draft */
  async retry(user, draft) {
    const sending = { ...draft, status: /** @type {const} */ ('sending'), code: null };
    this.#dispatch({ type: 'draft', with: user, draft: sending });
    await this.#deliver(user, sending);
  }

  /** @param {string} user @param {Draft} draft */
  discard(user, { key }) {
    this.#dispatch({ type: 'draft_gone', with: user, key });
  }

  /** @param {string} user @param {Pick<Draft, 'text' | 'clip'>} content */
  async #send(user, content) {
    /** @type {Draft} */
    const draft = { key: this.#newKey(), sentMs: this.#now(), ...content, status: 'sending', code: null };
    this.#dispatch({ type: 'draft', with: user, draft });
    await this.#deliver(user, draft);
  }

  /** @param {string} user @param {Draft} draft */
  async #deliver(user, { key, text, clip }) {
    try {
      const message = clip ? await this.#talk.sendClip(user, key, clip) : await this.#talk.sendText(user, key, text ?? '');
      this.#dispatch({ type: 'said', message, me: message.from, name: nameOfContact(this.#store.state, user), key });
      this.heard(message);
    } catch (error) {
      this.#log.fault('api', 'not sent:', codeOf(error));
      this.#dispatch({ type: 'draft_failed', with: user, key, code: codeOf(error) });
    }
  }

  /** @param {string} user @param {string | null} before */
  async #load(user, before) {
    this.#dispatch({ type: 'thread_loading', with: user });
    try {
      const { messages, more } = await this.#talk.messages(user, { before, limit: PAGE });
      this.#dispatch({ type: 'thread_page', with: user, messages, more, newest: before === null });
    } catch (error) {
      this.#log.fault('api', 'messages:', codeOf(error));
      this.#dispatch({ type: 'thread_failed', with: user });
    }
  }

  /** @param {string} user @returns {Thread} */
  #thread(user) {
    return this.#store.state.messages.threads[user] ?? NO_THREAD;
  }

  /** @param {MessagesAction} action */
  #dispatch(action) {
    if (this.#store.state.account === 'in') this.#store.dispatch({ type: 'messages', action });
  }
}

/** `crypto.randomUUID`, which pages without https lack. */
function uuid() {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // RFC 9562 §5.4: version 4, variant 10.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
