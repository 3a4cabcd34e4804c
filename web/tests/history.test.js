import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clock, day, moment, number } from '../app/js/format.js';
import { translate } from '../app/js/i18n/index.js';
import { gradeOf, NO_HISTORY, othersOf, outcomeOf, reduceHistory } from '../app/js/state/history.js';

/** @import { PastCall } from '../app/js/state/history.js' */

const ANNA = { id: 'a', name: 'Anna' };
const BORIS = { id: 'b', name: 'Boris' };
const CLARA = { id: 'c', name: 'Clara' };
const left = { state: /** @type {const} */ ('left'), joined_ms: 1, left_ms: 2, quality: null };

/** @param {Partial<PastCall>} some @returns {PastCall} */
const call = (some) => ({
  id: 'x',
  kind: 'audio',
  direction: 'outgoing',
  placed_ms: 1,
  answered_ms: 2,
  ended_ms: 3,
  reason: 'hung_up',
  duration_ms: 1,
  my_state: 'left',
  missed: false,
  caller: ANNA,
  seats: [ANNA, BORIS, CLARA].map((person) => ({ person, ...left })),
  ...some,
});
/** @param {string[]} ids @param {boolean} first */
const page = (ids, first) => ({ type: /** @type {const} */ ('history_page'), calls: ids.map((id) => call({ id })), missed: 2, more: true, first });

test('older pages are added below, each call once, and a new first page takes the place of all', () => {
  const two = reduceHistory(reduceHistory(NO_HISTORY, page(['3', '2'], true)), page(['2', '1'], false));
  assert.deepEqual(two.calls?.map(({ id }) => id), ['3', '2', '1']);
  assert.deepEqual(reduceHistory(two, page(['4'], true)).calls?.map(({ id }) => id), ['4']);
});

test('missed calls that were looked at are counted no more', () => {
  const loaded = reduceHistory(NO_HISTORY, page(['1'], true));
  assert.equal(loaded.missed, 2);
  assert.equal(reduceHistory(loaded, { type: 'history_seen' }).missed, 0);
});

test('calling back reaches everybody else of that call, the caller first', () => {
  assert.deepEqual(othersOf(call({}), 'a').map(({ id }) => id), ['b', 'c']);
  assert.deepEqual(othersOf(call({ caller: CLARA }), 'a').map(({ id }) => id), ['c', 'b']);
});

test('what became of a call is told as it was for me', () => {
  assert.equal(outcomeOf(call({})), 'talked');
  assert.equal(outcomeOf(call({ ended_ms: null, reason: null })), 'running');
  assert.equal(outcomeOf(call({ missed: true, answered_ms: 5, my_state: 'missed' })), 'missed');
  assert.equal(outcomeOf(call({ my_state: 'declined', answered_ms: 5 })), 'declined');
  assert.equal(outcomeOf(call({ answered_ms: null, reason: 'missed' })), 'no_answer');
  assert.equal(outcomeOf(call({ answered_ms: null, reason: 'busy' })), 'busy');
  assert.equal(outcomeOf(call({ answered_ms: null, reason: 'server_stopped' })), 'cancelled');
});

test('a MOS is called as people feel it', () => {
  assert.deepEqual([4.4, 4, 3.7, 3.2, 2].map(gradeOf), ['good', 'good', 'fair', 'poor', 'bad']);
});

test('days are named as people name them, in both languages', () => {
  const now = new Date(2026, 5, 15, 12).getTime();
  const yesterday = new Date(2026, 5, 14, 23, 59).getTime();
  const before = new Date(2026, 4, 3, 8, 5).getTime();
  const lastYear = new Date(2025, 4, 3).getTime();
  assert.deepEqual([day(now, now, 'en'), day(yesterday, now, 'en'), day(before, now, 'en')], ['Today', 'Yesterday', 'May 3']);
  assert.deepEqual([day(now, now, 'ru'), day(yesterday, now, 'ru'), day(before, now, 'ru')], ['Сегодня', 'Вчера', '3 мая']);
  assert.match(day(lastYear, now, 'ru'), /2025/);
  assert.equal(moment(before, now, 'ru'), '3 мая');
  assert.equal(moment(now, now, 'ru'), clock(now, 'ru'));
  assert.equal(number(4.234, 1, 'ru'), '4,2');
});

test('russian counts devices, calls and messages as russian does', () => {
  const words = (/** @type {import('../app/js/i18n/index.js').Key} */ key) => [1, 2, 5, 21].map((count) => translate('ru', key, { count }));
  assert.deepEqual(words('seat.ringing_on'), [1, 2, 5, 21].map((n) => `Вызов на ${n} ${n % 10 === 1 ? 'устройстве' : 'устройствах'}…`));
  assert.deepEqual(words('nav.calls_count'), ['1 пропущенный звонок', '2 пропущенных звонка', '5 пропущенных звонков', '21 пропущенный звонок']);
  assert.deepEqual(words('nav.messages_count')[2], '5 непрочитанных сообщений');
});
