import assert from 'node:assert/strict';
import { test } from 'node:test';

import { byDay, lastFrom, NO_MESSAGES, NO_THREAD, otherOf, reduceMessages, unreadCount } from '../app/js/state/messages.js';

/** @import { Message } from '../app/js/protocol.js' */
/** @import { Messages, MessagesAction } from '../app/js/state/messages.js' */

/** @param {number} id @param {string} [from] @returns {Message} */
const message = (id, from = 'b') => ({ id: `m${id}`, from, to: from === 'a' ? 'b' : 'a', sent_ms: id * 1000, body: { type: 'text', text: `${id}` } });
/** @param {Messages} state @param {...MessagesAction} actions */
const after = (state, ...actions) => actions.reduce(reduceMessages, state);
/** @param {number} id @param {string} [from] @returns {MessagesAction} */
const said = (id, from) => ({ type: 'said', message: message(id, from), me: 'a', name: 'Boris' });
/** @param {number[]} ids newest first @param {boolean} more @param {boolean} newest @returns {MessagesAction} */
const page = (ids, more, newest) => ({ type: 'thread_page', with: 'b', messages: ids.map((id) => message(id)), more, newest });
const LISTED = after(NO_MESSAGES, { type: 'conversations', conversations: [{ with: { id: 'b', name: 'Boris' }, last: message(3), unread: 1 }] });
/** @param {Messages} state */
const ids = (state) => (state.threads.b ?? NO_THREAD).messages.map(({ id }) => id);

test('pages before and messages after fall into the order of the conversation, each once', () => {
  const state = after(LISTED, page([3, 2], true, true), said(4), said(4), page([2, 1], false, false));
  assert.deepEqual(ids(state), ['m1', 'm2', 'm3', 'm4']);
  assert.equal(state.threads.b?.more, false);
});

test('a newest page that does not reach what is known takes its place, so that nothing is missing in between', () => {
  const state = after(LISTED, page([3, 2], false, true), { type: 'threads_stale' });
  assert.equal(state.threads.b?.loaded, false);
  const jumped = after(state, page([9, 8], true, true));
  assert.deepEqual(ids(jumped), ['m8', 'm9']);
  assert.equal(jumped.threads.b?.more, true);
  assert.deepEqual(ids(after(state, page([4, 3], true, true))), ['m2', 'm3', 'm4']);
});

test('a message of the other one is unread until it is read, one of mine never is', () => {
  const told = after(LISTED, said(4), said(5, 'a'));
  assert.equal(unreadCount(told), 2);
  assert.equal(unreadCount(after(told, said(4))), 2);
  const read = after(told, { type: 'read', with: 'b', upTo: 'm5' });
  assert.equal(unreadCount(read), 0);
});

test('reading up to some message on another device leaves the later ones unread', () => {
  const state = after(LISTED, page([3, 2, 1], false, true), said(4), said(5), { type: 'read', with: 'b', upTo: 'm3' });
  assert.equal(unreadCount(state), 2);
});

test('the conversation with the latest message stands first, and a first message makes one', () => {
  const other = { ...message(8, 'c'), to: 'a' };
  const state = after(LISTED, { type: 'said', message: other, me: 'a', name: 'Clara' });
  assert.deepEqual(state.conversations?.map((conversation) => [conversation.with.name, conversation.unread]), [['Clara', 1], ['Boris', 1]]);
  assert.equal(after(state, said(9, 'a')).conversations?.[0]?.with.id, 'b');
});

test('what could not be sent stays to be sent again under the same key', () => {
  const draft = { key: 'k', sentMs: 1, text: 'hi', clip: null, status: /** @type {const} */ ('sending'), code: null };
  const failed = after(LISTED, { type: 'draft', with: 'b', draft }, { type: 'draft_failed', with: 'b', key: 'k', code: 'offline' });
  assert.deepEqual(failed.threads.b?.drafts.map(({ status, code }) => [status, code]), [['failed', 'offline']]);
  const again = after(failed, { type: 'draft', with: 'b', draft });
  assert.deepEqual(again.threads.b?.drafts, [draft]);
  assert.deepEqual(after(again, { type: 'draft_gone', with: 'b', key: 'k' }).threads.b?.drafts, []);
});

/** @param {string} key @param {string | null} text @param {Blob | null} [clip] @returns {MessagesAction} */
const sending = (key, text, clip = null) => ({ type: 'draft', with: 'b', draft: { key, sentMs: 1, text, clip, status: 'sending', code: null } });
/** @param {Messages} state */
const drafts = (state) => (state.threads.b ?? NO_THREAD).drafts.map(({ key }) => key);

test('what I send stands there once, whichever comes first: the word of it or the answer', () => {
  const two = after(LISTED, sending('k', '4'), sending('l', '4'));
  const word = after(two, said(4, 'a'));
  assert.deepEqual([drafts(word), ids(word)], [['l'], ['m4']]);
  const answered = after(word, { type: 'said', message: message(4, 'a'), me: 'a', name: '', key: 'k' });
  assert.deepEqual([drafts(answered), ids(answered)], [['l'], ['m4']]);
  const answerFirst = after(two, { type: 'said', message: message(4, 'a'), me: 'a', name: '', key: 'k' }, said(4, 'a'));
  assert.deepEqual([drafts(answerFirst), ids(answerFirst)], [['l'], ['m4']]);
});

test('only what is just being sent is taken for sent, a text by its words and a recording by its length', () => {
  assert.deepEqual(drafts(after(LISTED, sending('k', 'other'), said(4, 'a'))), ['k']);
  assert.deepEqual(drafts(after(LISTED, sending('k', '4'), said(4))), ['k']);
  assert.deepEqual(drafts(after(LISTED, sending('k', '4'), { type: 'draft_failed', with: 'b', key: 'k', code: 'offline' }, said(4, 'a'))), ['k']);
  /** @param {number} bytes @returns {MessagesAction} */
  const clip = (bytes) => ({ type: 'said', message: { ...message(4, 'a'), body: { type: 'clip', clip: 'c', duration_ms: 9, bytes } }, me: 'a', name: '' });
  const recorded = after(LISTED, sending('k', null, new Blob(['12345'])));
  assert.deepEqual([drafts(after(recorded, clip(5))), drafts(after(recorded, clip(6)))], [[], ['k']]);
});

test('messages are grouped by the day they were sent on', () => {
  const days = byDay([message(1), message(2), message(3)], (ms) => (ms < 3000 ? 'Monday' : 'Tuesday'));
  assert.deepEqual(days.map(({ day, messages }) => [day, messages.length]), [['Monday', 2], ['Tuesday', 1]]);
});

test('who a message is exchanged with, and what there is to read, follow from who sent it', () => {
  assert.deepEqual([otherOf(message(1), 'a'), otherOf(message(1, 'a'), 'a')], ['b', 'b']);
  const { threads } = after(LISTED, page([2, 1], false, true), said(3, 'a'));
  assert.equal(lastFrom(threads.b ?? NO_THREAD, 'b'), 'm2');
  assert.equal(lastFrom(NO_THREAD, 'b'), null);
});
