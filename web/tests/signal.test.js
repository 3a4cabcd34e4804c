import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { Log } from '../app/js/log.js';
import { Signal } from '../app/js/signal.js';

/** @import { Reply, Request, ServerEvent } from '../app/js/protocol.js' */

/** A socket whose other end is the test. */
class FakeSocket extends EventTarget {
  static OPEN = 1;
  /** @type {FakeSocket[]} */
  static all = [];
  readyState = 0;
  /** @type {any[]} */
  sent = [];
  constructor() {
    super();
    FakeSocket.all.push(this);
  }
  static get last() {
    return /** @type {FakeSocket} */ (FakeSocket.all.at(-1));
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  /** @param {unknown} message */
  receive(message) {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }));
  }
  lose() {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '' }));
  }
}

/** @type {ServerEvent[]} */
let events = [];
/** @type {string[]} */
let links = [];
let refused = 0;
const WELCOME = { type: 'welcome', device: 'd', user: { id: 'a', name: 'Anna' }, online: [] };

function connected() {
  const signal = new Signal({
    url: 'ws://test/',
    log: new Log(() => 0),
    onEvent: (event) => events.push(event),
    onLink: (link) => links.push(link),
    onRefused: () => (refused += 1),
    Socket: /** @type {any} */ (FakeSocket),
    dice: () => 1,
  });
  signal.start();
  FakeSocket.last.open();
  FakeSocket.last.receive({ seq: 1, event: WELCOME });
  return signal;
}

beforeEach(() => {
  events = [];
  links = [];
  refused = 0;
  FakeSocket.all = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
});

test('a reply settles its own request and no other', async () => {
  const signal = connected();
  const first = signal.request({ type: 'decline', call: 'x' });
  const second = signal.request({ type: 'decline', call: 'y' });
  FakeSocket.last.receive({ reply: 2, error: { code: 'call_over', message: 'the call is over' } });
  FakeSocket.last.receive({ reply: 1, ok: { type: 'done' } });
  FakeSocket.last.receive({ reply: 1, ok: { type: 'done' } });
  await assert.rejects(second, { code: 'call_over' });
  assert.deepEqual(await first, { type: 'done' });
});

test('a request without a reply comes to an end', async () => {
  const request = connected().request({ type: 'decline', call: 'x' });
  mock.timers.tick(10_000);
  await assert.rejects(request, { code: 'timeout' });
});

/** @type {Reply} */
const PLACED = { type: 'placed', call: 'x', answer: 'v=0', seats: [] };
/** @type {Request} */
const PLACE = { type: 'place', callees: ['b'], kind: 'audio', offer: { sdp: 'v=0', tracks: [] } };

test('a reply after the timeout is told once to who wants to know, a refusal is not', async () => {
  const signal = connected();
  /** @type {Reply[]} */
  const late = [];
  const requests = [1, 2].map(() => signal.request(PLACE, (reply) => late.push(reply)));
  mock.timers.tick(10_000);
  for (const request of requests) await assert.rejects(request, { code: 'timeout' });
  FakeSocket.last.receive({ reply: 1, error: { code: 'unavailable', message: 'no' } });
  assert.deepEqual(late, []);
  FakeSocket.last.receive({ reply: 2, ok: PLACED });
  FakeSocket.last.receive({ reply: 2, ok: PLACED });
  assert.deepEqual(late, [PLACED]);
});

test('late replies are awaited for the newest requests only, and not past the connection', async () => {
  const signal = connected();
  /** @type {number[]} */
  const late = [];
  const ids = Array.from({ length: 9 }, (_, at) => at + 1);
  const requests = ids.map((id) => signal.request(PLACE, () => late.push(id)));
  mock.timers.tick(10_000);
  for (const request of requests) await assert.rejects(request, { code: 'timeout' });
  for (const id of ids.slice(0, -1)) FakeSocket.last.receive({ reply: id, ok: PLACED });
  assert.deepEqual(late, ids.slice(1, -1));
  FakeSocket.last.lose();
  mock.timers.tick(500);
  FakeSocket.last.open();
  FakeSocket.last.receive({ reply: 9, ok: PLACED });
  assert.deepEqual(late, ids.slice(1, -1));
});

test('a request without a connection is refused at once', async () => {
  const signal = connected();
  const open = signal.request({ type: 'decline', call: 'x' });
  FakeSocket.last.lose();
  await assert.rejects(open, { code: 'offline' });
  await assert.rejects(signal.request({ type: 'ping' }), { code: 'offline' });
});

test('a lost connection comes back after growing pauses', () => {
  connected();
  FakeSocket.last.lose();
  mock.timers.tick(499);
  assert.equal(FakeSocket.all.length, 1);
  mock.timers.tick(1);
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.lose();
  mock.timers.tick(999);
  assert.equal(FakeSocket.all.length, 2);
  mock.timers.tick(1);
  assert.equal(FakeSocket.all.length, 3);
  assert.deepEqual(links, ['connecting', 'online', 'lost', 'lost', 'lost', 'lost']);
});

test('a connection that is never opened asks whether the login is still good', () => {
  connected();
  FakeSocket.last.lose();
  assert.equal(refused, 0);
  mock.timers.tick(500);
  FakeSocket.last.lose();
  assert.equal(refused, 1);
});

test('a ping without a reply ends the connection and a new one is made', async () => {
  connected();
  mock.timers.tick(15_000);
  assert.equal(FakeSocket.last.sent.at(-1).type, 'ping');
  mock.timers.tick(10_000);
  // The rejection of the ping travels through promises, which need turns of their own.
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  assert.equal(FakeSocket.all[0]?.readyState, 3);
  mock.timers.tick(500);
  assert.equal(FakeSocket.all.length, 2);
});

test('coming back to the page connects without waiting for the pause', () => {
  const signal = connected();
  FakeSocket.last.lose();
  signal.hurry();
  assert.equal(FakeSocket.all.length, 2);
  signal.hurry();
  assert.equal(FakeSocket.all.length, 2);
});

test('after stopping nothing is tried and nothing old is heard', () => {
  const signal = connected();
  const socket = FakeSocket.last;
  signal.stop();
  socket.receive({ seq: 2, event: { type: 'contacts_changed' } });
  socket.lose();
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.deepEqual(events.map(({ type }) => type), ['welcome']);
});
