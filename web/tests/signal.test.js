import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { Log } from '../app/js/log.js';
import { Signal } from '../app/js/signal/signal.js';
import { WebSocketTransport } from '../app/js/signal/websocket.js';
import { FakeSocket } from './fake_socket.js';

/** @import { Reply, Request, ServerEvent } from '../app/js/protocol.js' */

/** @type {ServerEvent[]} */
let events = [];
/** @type {string[]} */
let links = [];
let refused = 0;
let forgotten = 0;
/** Whether the REST interface answers when the connection does not open. */
let answers = false;
let log = new Log(() => 0);
const WELCOME = { type: 'welcome', device: 'd', user: { id: 'a', name: 'Anna' }, online: [] };

/** @param {...import('../app/js/signal/transport.js').Transport} fallbacks */
function newSignal(...fallbacks) {
  return new Signal({
    transports: [new WebSocketTransport('ws://test/', /** @type {any} */ (FakeSocket)), ...fallbacks],
    log,
    onEvent: (event) => events.push(event),
    onLink: (link) => links.push(link),
    onForgotten: () => (forgotten += 1),
    onRefused: async () => {
      refused += 1;
      return answers;
    },
    dice: () => 1,
  });
}

function connected() {
  const signal = newSignal();
  signal.start();
  FakeSocket.last.open();
  FakeSocket.last.receive({ seq: 1, event: WELCOME });
  return signal;
}

/** The rejections of requests travel through promises, which need turns of their own. */
async function settle() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

const CHANGED = { type: 'contacts_changed' };
const told = () => events.map(({ type }) => type);

beforeEach(() => {
  events = [];
  links = [];
  refused = 0;
  forgotten = 0;
  answers = false;
  log = new Log(() => 0);
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

test('late replies are awaited for the newest requests only, and not past the device', async () => {
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
  FakeSocket.last.receive({ seq: 1, event: WELCOME });
  FakeSocket.last.receive({ reply: 9, ok: PLACED });
  assert.deepEqual(late, ids.slice(1, -1));
});

test('a request that was sent twice and refused still hears the reply to the first', async () => {
  const signal = connected();
  /** @type {Reply[]} */
  const late = [];
  const request = signal.request(PLACE, (reply) => late.push(reply));
  FakeSocket.last.lose();
  mock.timers.tick(500);
  FakeSocket.last.open();
  FakeSocket.last.receive({ seq: 2, event: { type: 'resumed' } });
  FakeSocket.last.receive({ reply: 1, error: { code: 'in_another_call', message: 'the first is under way' } });
  await assert.rejects(request, { code: 'in_another_call' });
  FakeSocket.last.receive({ reply: 1, ok: PLACED });
  FakeSocket.last.receive({ reply: 1, ok: PLACED });
  assert.deepEqual(late, [PLACED]);
});

test('a request before the first welcome is refused at once', async () => {
  const signal = newSignal();
  await assert.rejects(signal.request({ type: 'ping' }), { code: 'offline' });
  signal.start();
  await assert.rejects(signal.request({ type: 'ping' }), { code: 'offline' });
});

test('a broken connection is resumed as the same device after the last event it saw', () => {
  connected();
  FakeSocket.last.receive({ seq: 2, event: CHANGED });
  assert.equal(FakeSocket.last.url, 'ws://test/');
  FakeSocket.last.lose();
  mock.timers.tick(500);
  assert.equal(FakeSocket.last.url, 'ws://test/?device=d&after=2');
});

test('what was missed is told once and in order, and what was seen already is passed over', () => {
  connected();
  FakeSocket.last.receive({ seq: 2, event: CHANGED });
  FakeSocket.last.lose();
  mock.timers.tick(500);
  FakeSocket.last.open();
  FakeSocket.last.receive({ seq: 2, event: CHANGED });
  FakeSocket.last.receive({ seq: 3, event: { type: 'history_changed' } });
  FakeSocket.last.receive({ seq: 4, event: { type: 'resumed' } });
  FakeSocket.last.receive({ seq: 5, event: CHANGED });
  assert.deepEqual(told(), ['welcome', 'contacts_changed', 'history_changed', 'resumed', 'contacts_changed']);
  assert.equal(links.at(-1), 'online');
});

test('a request under way when the connection breaks is sent again with its id once it is resumed, after what was asked before it', async () => {
  const signal = connected();
  const first = signal.request({ type: 'decline', call: 'x' });
  FakeSocket.last.lose();
  const second = signal.request({ type: 'hang_up', call: 'y' });
  mock.timers.tick(500);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent, []);
  FakeSocket.last.receive({ seq: 2, event: { type: 'resumed' } });
  assert.deepEqual(FakeSocket.last.sent, [
    { id: 1, type: 'decline', call: 'x' },
    { id: 2, type: 'hang_up', call: 'y' },
  ]);
  FakeSocket.last.receive({ reply: 1, ok: { type: 'done' } });
  FakeSocket.last.receive({ reply: 2, ok: { type: 'done' } });
  assert.deepEqual(await Promise.all([first, second]), [{ type: 'done' }, { type: 'done' }]);
});

test('a reply among what was missed settles its request, which is not sent again', async () => {
  const request = connected().request({ type: 'decline', call: 'x' });
  FakeSocket.last.lose();
  mock.timers.tick(500);
  FakeSocket.last.open();
  FakeSocket.last.receive({ reply: 1, ok: { type: 'done' } });
  FakeSocket.last.receive({ seq: 2, event: { type: 'resumed' } });
  assert.deepEqual(FakeSocket.last.sent, []);
  assert.deepEqual(await request, { type: 'done' });
});

test('a device that cannot be resumed is a new one: what it had asked comes to nothing and its numbers begin again', async () => {
  const request = connected().request({ type: 'decline', call: 'x' });
  FakeSocket.last.receive({ seq: 2, event: CHANGED });
  FakeSocket.last.lose();
  mock.timers.tick(500);
  FakeSocket.last.open();
  FakeSocket.last.receive({ reply: 0, error: { code: 'cannot_resume', message: 'unknown device' } });
  FakeSocket.last.receive({ seq: 1, event: { ...WELCOME, device: 'e' } });
  FakeSocket.last.receive({ seq: 2, event: CHANGED });
  await assert.rejects(request, { code: 'offline' });
  assert.deepEqual(told(), ['welcome', 'contacts_changed', 'welcome', 'contacts_changed']);
  FakeSocket.last.lose();
  mock.timers.tick(500);
  assert.equal(FakeSocket.last.url, 'ws://test/?device=e&after=2');
});

test('after twenty-five seconds without a connection the device is forgotten and requests come to nothing', async () => {
  const request = connected().request({ type: 'decline', call: 'x' });
  FakeSocket.last.lose();
  mock.timers.tick(24_999);
  await settle();
  assert.equal(forgotten, 0);
  mock.timers.tick(1);
  await assert.rejects(request, { code: 'offline' });
  assert.equal(forgotten, 1);
  assert.equal(FakeSocket.last.url, 'ws://test/');
});

test('a break within a break does not lengthen the time to resume', () => {
  connected();
  FakeSocket.last.lose();
  mock.timers.tick(20_000);
  FakeSocket.last.open();
  FakeSocket.last.lose();
  mock.timers.tick(5000);
  assert.equal(forgotten, 1);
});

test('a device resumed after several breaks is not forgotten later', () => {
  connected();
  FakeSocket.last.lose();
  mock.timers.tick(500);
  FakeSocket.last.lose();
  mock.timers.tick(2000);
  FakeSocket.last.open();
  FakeSocket.last.receive({ seq: 2, event: { type: 'resumed' } });
  for (let second = 0; second < 30; second += 1) {
    mock.timers.tick(1000);
    const { sent } = FakeSocket.last;
    if (sent.length > 0) FakeSocket.last.receive({ reply: sent.at(-1).id, ok: { type: 'done' } });
  }
  assert.equal(forgotten, 0);
});

test('a device taken over by another connection is not fought for', async () => {
  const request = connected().request({ type: 'decline', call: 'x' });
  FakeSocket.last.lose(4001);
  await assert.rejects(request, { code: 'offline' });
  assert.equal(forgotten, 1);
  mock.timers.tick(500);
  assert.equal(FakeSocket.last.url, 'ws://test/');
});

test('a WebSocket that does not open while the server answers gives way to events and posted requests', async () => {
  answers = true;
  /** @type {string[]} */
  const opened = [];
  const fallback = {
    name: 'SSE and POST',
    open: () => {
      opened.push('fallback');
      return { send: () => {}, drop: () => {}, leave: () => {} };
    },
  };
  newSignal(fallback).start();
  FakeSocket.last.lose();
  await settle();
  assert.deepEqual(opened, []);
  mock.timers.tick(500);
  FakeSocket.last.lose();
  await settle();
  assert.deepEqual(opened, ['fallback']);
  assert.match(log.text(), /WebSocket does not pass: using SSE and POST/);
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 2);
});

test('a server that is down is no reason to leave the WebSocket', async () => {
  let opened = 0;
  newSignal({ name: 'other', open: () => ((opened += 1), { send: () => {}, drop: () => {}, leave: () => {} }) }).start();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    FakeSocket.last.lose();
    await settle();
    mock.timers.tick(15_000);
  }
  assert.equal(opened, 0);
  assert.equal(refused, 4);
});

test('a browser without a WebSocket uses the other way at once', () => {
  let opened = 0;
  const fallback = { name: 'other', open: () => ((opened += 1), { send: () => {}, drop: () => {}, leave: () => {} }) };
  const signal = new Signal({
    transports: [new WebSocketTransport('ws://test/', undefined), fallback],
    log,
    onEvent: () => {},
    onLink: () => {},
    onForgotten: () => {},
    onRefused: async () => true,
  });
  signal.start();
  assert.equal(opened, 1);
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

test('while a call may wait for it the connection is tried at least every two seconds', () => {
  connected();
  for (let attempt = 0; attempt < 8; attempt += 1) {
    FakeSocket.last.lose();
    mock.timers.tick(2000);
    assert.equal(FakeSocket.all.length, attempt + 2);
  }
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
  await settle();
  // The server takes 1000, 1001 and none as leaving for good; any other keeps the seats of the device.
  assert.equal(FakeSocket.all[0]?.closedWith, 4000);
  mock.timers.tick(500);
  assert.equal(FakeSocket.all.length, 2);
});

test('a connection that died while the page slept is noticed as soon as somebody looks', async () => {
  const signal = connected();
  signal.hurry();
  assert.equal(FakeSocket.last.sent.at(-1).type, 'ping');
  mock.timers.tick(4000);
  await settle();
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
  assert.equal(socket.closedWith, 1000);
  socket.receive({ seq: 2, event: { type: 'contacts_changed' } });
  socket.lose();
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.deepEqual(events.map(({ type }) => type), ['welcome']);
});
