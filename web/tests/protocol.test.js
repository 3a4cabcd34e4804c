import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EVENT_TYPES, readServerMessage, REPLY_TYPES, REQUEST_TYPES, writeClientMessage } from '../app/js/protocol.js';
import { planLines } from '../app/js/call/plan.js';
import { isKey } from '../app/js/i18n/index.js';
import { INITIAL, reduce } from '../app/js/state/state.js';
import { sample, samples, words } from './samples.js';

test('every message of the server is understood', () => {
  for (const { name, text, message } of samples('server')) {
    const read = readServerMessage(text);
    const kind = message.event ? 'event' : message.ok ? 'done' : 'refused';
    assert.equal(read.kind, kind, name);
  }
});

test('the client knows exactly the requests, events and replies there are', () => {
  const requests = samples('request').map(({ message }) => message.type);
  const events = samples('server').flatMap(({ message }) => (message.event ? [message.event.type] : []));
  const replies = samples('server').flatMap(({ message }) => (message.ok ? [message.ok.type] : []));
  assert.deepEqual([...new Set(requests)].sort(), [...REQUEST_TYPES].sort());
  assert.deepEqual([...new Set(events)].sort(), [...EVENT_TYPES].sort());
  assert.deepEqual([...new Set(replies)].sort(), [...REPLY_TYPES].sort());
});

test('every event changes the state without harm, in a call and out of it', () => {
  const me = sample('server', 'welcome').event.user;
  const home = reduce(INITIAL, { type: 'logged_in', me: { ...me, phone: '+79001234567' } });
  const placed = sample('server', 'placed').ok;
  const people = [placed.seats[1].person];
  const started = reduce(home, { type: 'call_started', key: 1, id: null, direction: 'outgoing', kind: 'video', me: me.id, people });
  const waiting = reduce(started, { type: 'call_joined', key: 1, id: placed.call, seats: placed.seats, now: 0 });
  for (const state of [home, started, waiting]) {
    for (const { message } of samples('server')) {
      if (message.event) assert.equal(reduce(state, { type: 'server', event: message.event, now: 1 }).account, 'in');
    }
  }
});

test('every request is written as the server reads it', () => {
  for (const { name, message } of samples('request')) {
    const { id, ...request } = message;
    assert.deepEqual(JSON.parse(writeClientMessage(id, request)), message, name);
  }
});

test('the roles this client offers are roles the server knows', () => {
  const known = words('track_role');
  for (const { role } of planLines(8)) assert.ok(known.includes(role), role);
});

test('what is not a message, or is one of a newer server, is left alone', () => {
  const strange = ['', '{', 'null', '7', '"x"', '[]', '{}', '{"seq":1}', '{"reply":1}', '{"reply":1,"ok":{}}'];
  for (const text of [...strange, '{"seq":1,"event":{"type":"from_the_future"}}']) {
    assert.deepEqual(readServerMessage(text), { kind: 'unknown' }, text);
  }
});

test('every end of a call and every state of a seat has words', () => {
  for (const reason of words('end_reason')) assert.ok(isKey(`end.${reason}`), reason);
  for (const state of words('seat_state')) assert.ok(isKey(`seat.${state}`), state);
});
