import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Viewing } from '../app/js/call/viewing.js';

/** @import { Shown } from '../app/js/call/look.js' */
/** @import { Reply, Request, ViewTile } from '../app/js/protocol.js' */

/** @type {{ request: Request, answer: (reply: Reply) => void, refuse: () => void }[]} */
let asked = [];
/** What is due, by its time. @type {Map<number, { run: () => void, at: number }>} */
let due = new Map();
let now = 0;
let next = 1;
let connected = true;

const timers = {
  /** @param {() => void} run @param {number} ms */
  set: (run, ms) => {
    next += 1;
    due.set(next, { run, at: now + ms });
    return next;
  },
  /** @param {number} id */
  clear: (id) => void due.delete(id),
};

/** @param {number} ms */
function pass(ms) {
  const end = now + ms;
  for (;;) {
    const [soonest] = [...due].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at);
    if (!soonest) break;
    const [id, { run, at }] = soonest;
    due.delete(id);
    now = at;
    run();
  }
  now = end;
}

function newViewing() {
  return new Viewing(
    {
      media: () => (connected ? { call: 'x', mids: { camera: ['5', '6', '7'], screen: ['8'] }, slots: {} } : null),
      ask: (request) => new Promise((answer, reject) => asked.push({ request, answer, refuse: () => reject(new Error('refused')) })),
    },
    timers,
  );
}

/** @param {string} user @param {number} [height] @returns {Shown} */
const shown = (user, height = 360) => ({ user, track: 'camera', height, pinned: false });
/** What the server was told of each slot that shows something. */
const told = () =>
  asked.map(({ request }) => {
    const { tiles } = /** @type {{ tiles: ViewTile[] }} */ (request);
    return tiles.filter(({ height }) => height > 0).map(({ user, height }) => `${user} ${height}`);
  });
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  asked = [];
  due = new Map();
  now = 0;
  connected = true;
});

test('nothing is said before the page has said what it shows', () => {
  const viewing = newViewing();
  viewing.again();
  pass(10_000);
  assert.deepEqual(told(), []);
});

test('what becomes visible is told at once and what stays the same is not told again', () => {
  const viewing = newViewing();
  viewing.look([shown('a')]);
  assert.deepEqual(told(), [['a 360']]);
  viewing.look([shown('a')]);
  pass(10_000);
  assert.equal(told().length, 1);
  viewing.look([shown('a'), shown('b')]);
  assert.deepEqual(told().at(-1), ['a 360', 'b 360']);
});

test('a window that is being drawn larger is told a few times a second, and its last size always', () => {
  const viewing = newViewing();
  viewing.look([shown('a', 100)]);
  for (let height = 101; height <= 200; height += 1) {
    viewing.look([shown('a', height)]);
    pass(10);
  }
  pass(1000);
  assert.ok(told().length >= 3 && told().length <= 6, `told ${told().length} times`);
  assert.deepEqual(told().at(-1), ['a 200']);
});

test('pages turned over quickly stay below the requests a device may send', () => {
  const viewing = newViewing();
  for (let page = 0; page < 100; page += 1) {
    viewing.look([shown(`person ${page}`)]);
    pass(10);
  }
  pass(1000);
  assert.ok(told().length <= 11, `told ${told().length} times in a second`);
  assert.deepEqual(told().at(-1), ['person 99 360']);
});

test('a page that is hidden says so, and is seen again at once', () => {
  const viewing = newViewing();
  viewing.look([shown('a')]);
  pass(1000);
  viewing.look([]);
  pass(1000);
  viewing.look([shown('a')]);
  assert.deepEqual(told(), [['a 360'], [], ['a 360']]);
});

test('another media connection is told whole what the page shows', () => {
  const viewing = newViewing();
  viewing.look([shown('a')]);
  pass(1000);
  viewing.again();
  pass(1000);
  assert.deepEqual(told(), [['a 360'], ['a 360']]);
});

test('what the page shows before there is media is told once there is', () => {
  const viewing = newViewing();
  connected = false;
  viewing.look([shown('a')]);
  pass(10_000);
  assert.deepEqual(told(), []);
  connected = true;
  viewing.again();
  assert.deepEqual(told(), [['a 360']]);
});

test('what the server refused is told whole with the next change', async () => {
  const viewing = newViewing();
  viewing.look([shown('a')]);
  asked[0]?.refuse();
  await settle();
  viewing.look([shown('a')]);
  pass(1000);
  assert.deepEqual(told(), [['a 360'], ['a 360']]);
});

test('what the server refused is told once more after a second, and not a third time', async () => {
  const viewing = newViewing();
  viewing.look([shown('a')]);
  asked[0]?.refuse();
  await settle();
  pass(900);
  assert.equal(told().length, 1);
  pass(200);
  assert.deepEqual(told(), [['a 360'], ['a 360']]);
  asked[1]?.refuse();
  await settle();
  pass(10_000);
  assert.equal(told().length, 2);
});

test('a refusal after one that was got over is got over too', async () => {
  const viewing = newViewing();
  viewing.look([shown('a')]);
  asked[0]?.refuse();
  await settle();
  pass(1000);
  asked[1]?.answer({ type: 'done' });
  await settle();
  viewing.look([shown('a'), shown('b')]);
  pass(1000);
  asked[2]?.refuse();
  await settle();
  pass(1000);
  assert.deepEqual(told().slice(2), [['a 360', 'b 360'], ['a 360', 'b 360']]);
});

test('nothing is told any more once it is stopped', () => {
  const viewing = newViewing();
  viewing.look([shown('a', 100)]);
  viewing.look([shown('a', 200)]);
  viewing.stop();
  pass(10_000);
  assert.deepEqual(told(), [['a 100']]);
});

test('the server is asked for its numbers once at a time, and says nothing where it cannot', async () => {
  const viewing = newViewing();
  const both = [viewing.stats(), viewing.stats()];
  assert.equal(asked.length, 1);
  asked[0]?.answer({ type: 'stats', call: 'x', slots: [] });
  assert.deepEqual(await Promise.all(both), [{ type: 'stats', call: 'x', slots: [] }, { type: 'stats', call: 'x', slots: [] }]);
  const refused = viewing.stats();
  asked[1]?.refuse();
  assert.equal(await refused, null);
  connected = false;
  assert.equal(await viewing.stats(), null);
});
