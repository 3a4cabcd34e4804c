/** Conversations: what was said, what is on its way, and what nobody has read yet. Pure. */

/** @import { Message, Person } from '../protocol.js' */

/** @typedef {{ with: Person, last: Message, unread: number }} Conversation */
/**
 * What this page sends; it keeps its key, so that sending it again does not say it twice.
 * @typedef {{ key: string, sentMs: number, text: string | null, clip: Blob | null, status: 'sending' | 'failed', code: string | null }} Draft
 */
/**
 * @typedef {object} Thread
 * @property {Message[]} messages the oldest first
 * @property {boolean} more whether there are older ones
 * @property {'idle' | 'loading' | 'failed'} status
 * @property {boolean} loaded whether the newest page was loaded since the connection was made
 * @property {Draft[]} drafts what is on its way, or could not be sent
 */
/**
 * @typedef {object} Messages
 * @property {Conversation[] | null} conversations `null` until they were loaded once
 * @property {boolean} failed
 * @property {Readonly<Record<string, Thread>>} threads by the other person
 */

/**
 * @typedef {{ type: 'conversations', conversations: Conversation[] }
 *   | { type: 'conversations_failed' }
 *   | { type: 'threads_stale' }
 *   | { type: 'thread_loading' | 'thread_failed', with: string }
 *   | { type: 'thread_page', with: string, messages: Message[], more: boolean, newest: boolean }
 *   | { type: 'draft', with: string, draft: Draft }
 *   | { type: 'draft_failed', with: string, key: string, code: string }
 *   | { type: 'draft_gone', with: string, key: string }
 *   | { type: 'said', message: Message, me: string, name: string, key?: string }
 *   | { type: 'read', with: string, upTo: string }} MessagesAction
 */

/** @type {Readonly<Messages>} */
export const NO_MESSAGES = Object.freeze({ conversations: null, failed: false, threads: {} });
/** @type {Readonly<Thread>} */
export const NO_THREAD = Object.freeze({ messages: [], more: false, status: 'idle', loaded: false, drafts: [] });

/**
 * @param {Messages} state
 * @param {MessagesAction} action
 * @returns {Messages}
 */
export function reduceMessages(state, action) {
  switch (action.type) {
    case 'conversations':
      return { ...state, conversations: latestFirst(action.conversations), failed: false };
    case 'conversations_failed':
      return { ...state, failed: true };
    case 'threads_stale': {
      const threads = Object.entries(state.threads).map(([who, thread]) => [who, { ...thread, loaded: false }]);
      return { ...state, threads: Object.fromEntries(threads) };
    }
    case 'thread_loading':
      return inThread(state, action.with, (thread) => ({ ...thread, status: 'loading' }));
    case 'thread_failed':
      return inThread(state, action.with, (thread) => ({ ...thread, status: 'failed' }));
    case 'thread_page':
      return inThread(state, action.with, (thread) => withPage(thread, action));
    case 'draft':
      return inThread(state, action.with, (thread) => ({ ...thread, drafts: withDraft(thread.drafts, action.draft) }));
    case 'draft_failed':
      return inThread(state, action.with, (thread) => ({
        ...thread,
        drafts: thread.drafts.map((draft) => (draft.key === action.key ? { ...draft, status: 'failed', code: action.code } : draft)),
      }));
    case 'draft_gone':
      return inThread(state, action.with, (thread) => ({ ...thread, drafts: thread.drafts.filter(({ key }) => key !== action.key) }));
    case 'said':
      return said(state, action);
    default:
      return read(state, action.with, action.upTo);
  }
}

/**
 * @param {Messages} state
 * @returns {number}
 */
export function unreadCount({ conversations }) {
  return (conversations ?? []).reduce((sum, { unread }) => sum + unread, 0);
}

/**
 * @param {Message} message
 * @param {string} me
 * @returns {string} whom it is exchanged with
 */
export function otherOf({ from, to }, me) {
  return from === me ? to : from;
}

/**
 * The messages of a conversation, day by day.
 * @param {readonly Message[]} messages the oldest first
 * @param {(ms: number) => string} dayOf a name that is the same for all of a day
 * @returns {{ day: string, messages: Message[] }[]}
 */
export function byDay(messages, dayOf) {
  /** @type {{ day: string, messages: Message[] }[]} */
  const days = [];
  for (const message of messages) {
    const day = dayOf(message.sent_ms);
    const last = days.at(-1);
    if (last?.day === day) last.messages.push(message);
    else days.push({ day, messages: [message] });
  }
  return days;
}

/**
 * The last message of the other one, which is what there is to be read.
 * @param {Thread} thread
 * @param {string} other
 * @returns {string | null} its id
 */
export function lastFrom({ messages }, other) {
  return messages.findLast(({ from }) => from === other)?.id ?? null;
}

/**
 * @param {Thread} thread
 * @param {{ messages: Message[], more: boolean, newest: boolean }} page the newest first
 * @returns {Thread}
 */
function withPage(thread, { messages, more, newest }) {
  const [oldestKnown] = thread.messages;
  const oldestOfPage = messages.at(-1);
  // A newest page that does not reach what is known leaves a hole between them; what is known is loaded again when it is asked for.
  const hole = newest && more && oldestKnown !== undefined && !messages.some(({ id }) => thread.messages.some((known) => known.id === id));
  const known = hole ? [] : thread.messages;
  const older = !newest || known.length === 0 || (oldestOfPage !== undefined && oldestKnown !== undefined && oldestOfPage.id < oldestKnown.id);
  return { ...thread, messages: merge(known, messages), more: older ? more : thread.more, status: 'idle', loaded: thread.loaded || newest };
}

/**
 * Ids grow with time, so their order is the order of the conversation.
 * @param {readonly Message[]} known
 * @param {readonly Message[]} more
 * @returns {Message[]}
 */
function merge(known, more) {
  const all = new Map([...known, ...more].map((message) => [message.id, message]));
  return [...all.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/**
 * @param {Messages} state
 * @param {Extract<MessagesAction, { type: 'said' }>} action
 * @returns {Messages}
 */
function said(state, { message, me, name, key }) {
  const other = otherOf(message, me);
  const known = state.threads[other]?.messages.some(({ id }) => id === message.id);
  // The server's word of one's own message carries no key, and may come before the answer that does.
  const sent = key ?? (known || message.from !== me ? undefined : state.threads[other]?.drafts.find((draft) => isSentAs(draft, message))?.key);
  const withMessage =
    known && sent === undefined
      ? state
      : inThread(state, other, (thread) => ({
          ...thread,
          messages: merge(thread.messages, [message]),
          drafts: thread.drafts.filter((draft) => draft.key !== sent),
        }));
  if (!state.conversations) return withMessage;
  const before = state.conversations.find((conversation) => conversation.with.id === other);
  if (before && before.last.id >= message.id) return withMessage;
  const unread = (before?.unread ?? 0) + (message.from === other ? 1 : 0);
  const others = state.conversations.filter((conversation) => conversation !== before);
  return { ...withMessage, conversations: latestFirst([{ with: before?.with ?? { id: other, name }, last: message, unread }, ...others]) };
}

/**
 * @param {Draft} draft
 * @param {Message} message of one's own
 * @returns {boolean} whether it can be what became of the draft
 */
function isSentAs({ status, text, clip }, { body }) {
  if (status !== 'sending') return false;
  return body.type === 'text' ? text === body.text : clip?.size === body.bytes;
}

/**
 * @param {Messages} state
 * @param {string} other
 * @param {string} upTo
 * @returns {Messages}
 */
function read(state, other, upTo) {
  if (!state.conversations) return state;
  const thread = state.threads[other];
  const after = thread ? thread.messages.filter(({ id, from }) => from === other && id > upTo).length : 0;
  const conversations = state.conversations.map((conversation) => {
    if (conversation.with.id !== other) return conversation;
    const unread = conversation.last.id <= upTo ? 0 : Math.min(conversation.unread, after);
    return unread === conversation.unread ? conversation : { ...conversation, unread };
  });
  return { ...state, conversations };
}

/**
 * @param {Messages} state
 * @param {string} other
 * @param {(thread: Thread) => Thread} change
 * @returns {Messages}
 */
function inThread(state, other, change) {
  return { ...state, threads: { ...state.threads, [other]: change(state.threads[other] ?? NO_THREAD) } };
}

/**
 * @param {Draft[]} drafts
 * @param {Draft} draft
 */
function withDraft(drafts, draft) {
  return drafts.some(({ key }) => key === draft.key) ? drafts.map((old) => (old.key === draft.key ? draft : old)) : [...drafts, draft];
}

/** @param {Conversation[]} conversations */
function latestFirst(conversations) {
  return [...conversations].sort((one, other) => (one.last.id < other.last.id ? 1 : -1));
}
