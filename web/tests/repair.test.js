import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { Repair } from '../app/js/call/repair.js';
import { TakeUp } from '../app/js/call/take_up.js';

/** @import { MyCall } from '../app/js/protocol.js' */
/** @import { Call } from '../app/js/state/call.js' */

let renewed = 0;
let hopeless = 0;
let works = true;
/** @type {Repair} */
let repair;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  renewed = 0;
  hopeless = 0;
  works = true;
  repair = new Repair(
    async () => {
      renewed += 1;
      if (!works) throw new Error('no');
    },
    () => (hopeless += 1),
  );
});

async function settle() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

test('a break that heals within three seconds changes nothing', () => {
  repair.follow('interrupted');
  mock.timers.tick(2999);
  repair.follow('up');
  mock.timers.tick(60_000);
  assert.equal(renewed, 0);
});

test('a break that lasts, and a connection that fails, are made anew', () => {
  repair.follow('interrupted');
  mock.timers.tick(3000);
  assert.equal(renewed, 1);
  repair.follow('failed');
  assert.equal(renewed, 2);
});

test('a connection that cannot be made is tried a few times, further and further apart, and then given up', async () => {
  works = false;
  repair.follow('failed');
  for (let turn = 0; turn < 20; turn += 1) {
    await settle();
    mock.timers.tick(1000);
  }
  assert.deepEqual([renewed, hopeless], [4, 1]);
});

test('a call may grow often, and failing to grow does not end it', async () => {
  for (let turn = 0; turn < 6; turn += 1) {
    repair.grow();
    await settle();
  }
  assert.equal(renewed, 6);
  works = false;
  repair.grow();
  for (let turn = 0; turn < 20; turn += 1) {
    await settle();
    if (turn === 0) repair.follow('up');
    mock.timers.tick(1000);
  }
  assert.deepEqual([renewed, hopeless], [10, 0]);
});

test('a connection with more room that does not come up is made again, one that has is left alone', async () => {
  repair.grow();
  await settle();
  mock.timers.tick(8000);
  assert.equal(renewed, 2);
  await settle();
  repair.follow('up');
  mock.timers.tick(8000);
  assert.equal(renewed, 2);
});

test('one that is made and does not come up is made again', async () => {
  repair.follow('failed');
  await settle();
  mock.timers.tick(8000);
  assert.equal(renewed, 2);
});

test('once it is up the tries are counted anew, and after stopping there are none', async () => {
  works = false;
  for (let turn = 0; turn < 6; turn += 1) {
    repair.follow('failed');
    await settle();
    repair.follow('up');
  }
  assert.deepEqual([renewed, hopeless], [6, 0]);
  repair.stop();
  repair.follow('failed');
  mock.timers.tick(60_000);
  assert.equal(renewed, 6);
});

/** @param {string} id @param {boolean} [held] */
const call = (id, held = false) => /** @type {Call} */ (/** @type {unknown} */ ({ id, held, key: id.charCodeAt(0) }));
/** @param {Partial<MyCall>} some @returns {MyCall} */
const mine = (some) => ({ call: 'x', kind: 'audio', caller: { id: 'b', name: 'B' }, people: [], state: 'active', here: true, ...some });

/** @param {Call[]} running */
function taking(running) {
  /** @type {string[]} */
  const done = [];
  const takeUp = new TakeUp({
    running: () => running,
    renew: ({ id }) => done.push(`renew ${id}`),
    over: ({ id }, reason) => done.push(`${reason} ${id}`),
  });
  return { takeUp, done };
}

test('after a restart of the server a call with a seat here is connected anew', () => {
  const { takeUp, done } = taking([call('x')]);
  takeUp.told([mine({})]);
  assert.deepEqual(done, []);
  takeUp.welcomed();
  takeUp.told([mine({ state: 'reconnecting' })]);
  takeUp.told([mine({})]);
  assert.deepEqual(done, ['renew x']);
});

test('a seat that still waits for the lost device of this page is taken by the new one', () => {
  const { takeUp, done } = taking([call('x')]);
  takeUp.welcomed();
  takeUp.told([mine({ here: false, state: 'reconnecting' })]);
  assert.deepEqual(done, ['renew x']);
});

test('a call that another device took meanwhile stays there, and one the server forgot is over', () => {
  const { takeUp, done } = taking([call('x'), call('y')]);
  takeUp.welcomed();
  takeUp.told([mine({ here: false })]);
  assert.deepEqual(done, ['moved x', 'own_connection_lost y']);
});

test('a call on hold waits until somebody goes on with it', () => {
  const { takeUp, done } = taking([call('x', true)]);
  takeUp.welcomed();
  takeUp.told([mine({ state: 'held' })]);
  assert.deepEqual(done, []);
});

test('a call placed after the connection came back is not judged by what the server knew before', () => {
  const running = [call('x')];
  const { takeUp, done } = taking(running);
  takeUp.welcomed();
  running.push(call('y'));
  takeUp.told([mine({})]);
  assert.deepEqual(done, ['renew x']);
});

test('a server that tells of no calls at all ends them after a while', () => {
  const { takeUp, done } = taking([call('x')]);
  takeUp.welcomed();
  mock.timers.tick(5000);
  assert.deepEqual(done, ['own_connection_lost x']);
});
