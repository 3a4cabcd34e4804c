import assert from 'node:assert/strict';
import { test } from 'node:test';

import { line, Log, withoutNumbers } from '../app/js/log.js';

test('the log keeps the newest entries and forgets the oldest', () => {
  const log = new Log(() => 0, 3);
  for (const text of ['one', 'two', 'three', 'four']) log.note('app', text);
  assert.deepEqual(log.entries().map(({ text }) => text), ['two', 'three', 'four']);
});

test('an entry is a line with its time, its area and whether it is bad', () => {
  const log = new Log(() => Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  log.fault('media', 'camera:', 'refused');
  assert.equal(log.text(), '2026-01-02T03:04:05.006Z ERROR media  camera: refused');
  assert.equal(log.entries().map(line).join(), log.text());
});

test('neither a number nor a secret nor a session description reaches the log', () => {
  const log = new Log(() => 0);
  log.note('signal', 'sent', { phone: '+79001234567', password: 'hunter22', token: 'abc', offer: { sdp: 'v=0 a=ice-pwd:secret' } });
  log.note('api', 'GET /users?phone=%2B79001234567');
  log.fault('app', 'failed', new Error('no +7 (900) 123-45-67 here'));
  const text = log.text();
  for (const leak of ['9001234', '123-45', 'hunter22', 'abc', 'ice-pwd']) assert.ok(!text.includes(leak), `${leak} in ${text}`);
  assert.ok(text.includes('+7…67'));
});

test('an id is not taken for a number', () => {
  const id = '01900000-0000-7000-8000-000000000001';
  assert.equal(withoutNumbers(id), id);
});

test('an entry without end is cut', () => {
  const log = new Log(() => 0);
  log.note('app', 'x'.repeat(10_000));
  assert.ok(log.text().length < 1000);
});

test('who listens is told of each entry until they stop', () => {
  const log = new Log(() => 0);
  let told = 0;
  const stop = log.subscribe(() => (told += 1));
  log.note('app', 'one');
  stop();
  log.note('app', 'two');
  assert.equal(told, 1);
});
