import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Offers } from '../app/js/call/offers.js';
import { Readiness } from '../app/js/call/readiness.js';
import { Log } from '../app/js/log.js';
import { SignalError } from '../app/js/signal/error.js';

/** @import { Reply, Request } from '../app/js/protocol.js' */
/** @import { Incoming } from '../app/js/state/calls.js' */

const OFFER = { sdp: 'v=0', tracks: [] };
/** @type {Incoming} */
const RINGS = { call: 'x', kind: 'video', from: { id: 'b', name: 'Boris' }, others: [], waiting: false, blocked: [] };
/** @type {Reply} */
const WARMED = { type: 'warmed', call: 'x', answer: 'v=0' };
const settle = () => new Promise((resolve) => setImmediate(resolve));

function newSignal() {
  /** @type {{ request: Request, answer: (outcome: Reply | SignalError) => void }[]} */
  const asked = [];
  const signal = {
    /** @param {Request} request @returns {Promise<Reply>} */
    request: (request) =>
      new Promise((resolve, reject) => {
        asked.push({ request, answer: (outcome) => (outcome instanceof SignalError ? reject(outcome) : resolve(outcome)) });
      }),
  };
  return { asked, signal };
}

/** @param {ReturnType<typeof newSignal>} fake */
function newReadiness({ signal }) {
  /** @type {string[]} */
  const peer = [];
  /** @type {(state: 'up' | 'interrupted' | 'failed') => void} */
  let tell = () => {};
  const made = { offer: async () => OFFER, answer: async () => peer.push('answer'), close: () => peer.push('close'), follow: (/** @type {typeof tell} */ on) => (tell = on) };
  return { peer, fail: () => tell('failed'), readiness: new Readiness(new Log(() => 0), signal, () => /** @type {any} */ (made)) };
}

test('an offer waits for the one before it, refused or not, and nothing else waits', async () => {
  const { asked, signal } = newSignal();
  const offers = new Offers(signal);
  const warm = offers.request({ type: 'warm', call: 'x', offer: OFFER });
  offers.request({ type: 'place', callees: ['b'], kind: 'audio', offer: OFFER });
  offers.request({ type: 'hang_up', call: 'y' });
  assert.deepEqual(asked.map(({ request }) => request.type), ['warm', 'hang_up']);
  asked[0]?.answer(new SignalError('call_over'));
  await assert.rejects(warm, { code: 'call_over' });
  await settle();
  assert.deepEqual(asked.map(({ request }) => request.type), ['warm', 'hang_up', 'place']);
});

test('the first call that rings is connected ahead, and is taken so', async () => {
  const fake = newSignal();
  const { peer, readiness } = newReadiness(fake);
  readiness.prepare(RINGS);
  readiness.prepare(RINGS);
  await settle();
  assert.deepEqual(fake.asked.map(({ request }) => request), [{ type: 'warm', call: 'x', offer: OFFER }]);
  fake.asked[0]?.answer(WARMED);
  const ready = readiness.take('x');
  assert.equal(await ready?.warm, true);
  assert.deepEqual(peer, ['answer']);
  assert.equal(readiness.take('x'), null);
});

test('a call that rings no more lets its connection go', async () => {
  const { peer, readiness } = newReadiness(newSignal());
  readiness.prepare(RINGS);
  readiness.prepare(undefined);
  assert.deepEqual(peer, ['close']);
});

test('a refused warm-up and a connection that failed while it rang are no way to take the call', async () => {
  const fake = newSignal();
  const { readiness } = newReadiness(fake);
  readiness.prepare(RINGS);
  await settle();
  fake.asked[0]?.answer(new SignalError('unavailable'));
  assert.equal(await readiness.take('x')?.warm, false);
  const other = newReadiness(newSignal());
  other.readiness.prepare(RINGS);
  other.fail();
  assert.equal(other.readiness.take('x'), null);
  assert.deepEqual(other.peer, ['close']);
});
