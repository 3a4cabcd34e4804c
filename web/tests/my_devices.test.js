import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inCall, incoming, last, mine, newPage, page, settle } from './calls_bench.js';

test('a call that another device of mine puts on hold lets the camera and microphone here go', async () => {
  const at = newPage();
  await inCall(at);
  assert.ok(page.tracks.length === 2 && page.tracks.every(({ stopped }) => !stopped));
  at.told({ type: 'my_calls', calls: [mine({ here: true, state: 'held' })] });
  await settle();
  assert.ok(page.tracks.every(({ stopped }) => stopped));
  at.calls.hangUp();
});

test('a call is taken here while I am in one elsewhere, and the server is told what becomes of that', async () => {
  const { calls, told } = newPage();
  told({ type: 'my_calls', calls: [mine({})] });
  calls.accept(incoming('y'), 'hold');
  await settle();
  assert.deepEqual([last('accept')].map((request) => request?.type === 'accept' && request.current), ['hold']);
  calls.hangUp();
});

test('joining a call holds the one I am in elsewhere, and moving that one here holds nothing', async () => {
  const at = newPage();
  const left = mine({ call: 'y', state: 'left' });
  at.told({ type: 'my_calls', calls: [mine({}), left] });
  at.calls.join(left);
  await settle();
  assert.deepEqual([last('join')].map((request) => request?.type === 'join' && request.current), ['hold']);
  at.calls.hangUp();
  at.calls.dismiss();
  page.asked = [];
  at.calls.join(mine({}));
  await settle();
  assert.deepEqual([last('join')].map((request) => request?.type === 'join' && 'current' in request), [false]);
  at.calls.hangUp();
});

test('going on with a held call holds the one I am in elsewhere', async () => {
  const at = newPage();
  await inCall(at);
  at.told({ type: 'my_calls', calls: [mine({ here: true, state: 'held' }), mine({ call: 'y' })] });
  at.calls.resume(1);
  assert.deepEqual(last('unhold'), { type: 'unhold', call: 'x', current: 'hold' });
  at.calls.hangUp();
});
