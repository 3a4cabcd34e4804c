import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Relays, RETRY_MS } from '../app/js/call/relays.js';
import { Log } from '../app/js/log.js';

/** @import { Credentials } from '../app/js/call/relays.js' */

const SERVER = { urls: ['turn:turn.example.org'], username: '1:a', credential: 'x' };
/** @type {Map<number, { run: () => void, ms: number }>} */
let pending = new Map();
let now = 0;
/** @type {{ answer: (credentials: Credentials) => void, refuse: (error: Error) => void }[]} */
let asked = [];
let relays = newRelays();

function newRelays() {
  let last = 0;
  return new Relays({
    ask: () => new Promise((answer, refuse) => asked.push({ answer, refuse })),
    log: new Log(() => 0),
    now: () => now,
    timers: {
      set: (run, ms) => {
        last += 1;
        pending.set(last, { run, ms });
        return last;
      },
      clear: (timer) => pending.delete(timer),
    },
  });
}

beforeEach(() => {
  pending = new Map();
  now = 0;
  asked = [];
  relays = newRelays();
});

/** @param {Partial<Credentials>} [credentials] */
async function fetched(credentials) {
  const fetching = relays.fetch();
  asked.at(-1)?.answer({ ice_servers: [SERVER], expires_in_s: 600, ...credentials });
  await fetching;
}

const waits = () => [...pending.values()].map(({ ms }) => ms);

test('before they are fetched a call is made without them', () => {
  relays.fetch();
  assert.deepEqual(relays.servers, []);
});

test('what is fetched is there until it expires, counted from the question', async () => {
  const fetching = relays.fetch();
  now = 5_000;
  asked[0]?.answer({ ice_servers: [SERVER], expires_in_s: 600 });
  await fetching;
  now = 599_999;
  assert.deepEqual(relays.servers, [SERVER]);
  now = 600_000;
  assert.deepEqual(relays.servers, []);
});

test('they are fetched anew when half of their life is over', async () => {
  await fetched();
  assert.deepEqual(waits(), [300_000]);
  const [timer] = pending.values();
  timer?.run();
  assert.equal(asked.length, 2);
});

test('a server that has none is not asked again', async () => {
  await fetched({ ice_servers: [], expires_in_s: null });
  assert.deepEqual([relays.servers, waits()], [[], []]);
});

test('after a failure what is left is used, and it is tried again', async () => {
  await fetched();
  const fetching = relays.fetch();
  asked.at(-1)?.refuse(new Error('offline'));
  await fetching;
  assert.deepEqual([relays.servers, waits()], [[SERVER], [RETRY_MS]]);
});

test('to fetch them again takes the place of what was to come', async () => {
  await fetched();
  await fetched();
  assert.deepEqual(waits(), [300_000]);
});

test('who logs out leaves none, even if the answer comes later', async () => {
  await fetched();
  const fetching = relays.fetch();
  relays.forget();
  asked.at(-1)?.answer({ ice_servers: [SERVER], expires_in_s: 600 });
  await fetching;
  assert.deepEqual([relays.servers, waits()], [[], []]);
});
