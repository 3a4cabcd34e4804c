import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { MEDIA_WITHIN_MS, MediaDeadline } from '../app/js/call/media_deadline.js';
import { reduceCall } from '../app/js/state/call.js';

/** @import { Call } from '../app/js/state/call.js' */

/** @type {Map<number, { run: () => void, ms: number }>} */
let pending = new Map();
let missed = 0;
let deadline = newDeadline();

function newDeadline() {
  let last = 0;
  return new MediaDeadline(() => (missed += 1), {
    set: (run, ms) => {
      last += 1;
      pending.set(last, { run, ms });
      return last;
    },
    clear: (timer) => pending.delete(timer),
  });
}

beforeEach(() => {
  pending = new Map();
  missed = 0;
  deadline = newDeadline();
});

/** @param {number} key @param {Partial<Call>} changes @returns {Call} */
function call(key, changes) {
  const started = reduceCall(null, { type: 'call_started', key, id: 'x', direction: 'outgoing', kind: 'audio', me: 'a', people: [] });
  assert.ok(started);
  return { ...started, ...changes };
}

test('nothing is counted while it rings', () => {
  deadline.follow(null);
  deadline.follow(call(1, { phase: 'connecting' }));
  deadline.follow(call(1, { phase: 'waiting' }));
  assert.equal(pending.size, 0);
});

test('an answered call without media is given up once, after twelve seconds', () => {
  deadline.follow(call(1, { phase: 'active' }));
  deadline.follow(call(1, { phase: 'active', seats: [] }));
  assert.deepEqual([...pending.values()].map(({ ms }) => ms), [MEDIA_WITHIN_MS]);
  assert.equal(MEDIA_WITHIN_MS, 12_000);
  for (const { run } of pending.values()) run();
  deadline.follow(call(1, { phase: 'ended' }));
  assert.equal(missed, 1);
  assert.equal(pending.size, 0);
});

for (const media of /** @type {const} */ (['up', 'interrupted'])) {
  test(`media that is ${media} has been connected, and nothing is counted any more`, () => {
    deadline.follow(call(1, { phase: 'active' }));
    deadline.follow(call(1, { phase: 'active', media }));
    assert.equal(pending.size, 0);
  });
}

test('the end of a call ends the waiting, and the next call has its own', () => {
  deadline.follow(call(1, { phase: 'active' }));
  deadline.follow(call(2, { phase: 'active' }));
  assert.deepEqual([...pending.keys()], [2]);
  deadline.follow(null);
  assert.equal(pending.size, 0);
});
