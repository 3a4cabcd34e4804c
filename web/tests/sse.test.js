import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { EventReader } from '../app/js/signal/event_reader.js';
import { SseTransport } from '../app/js/signal/sse.js';

/** @type {{ url: string, init: any, answer: (response: unknown) => void, fail: (error: Error) => void }[]} */
let asked = [];
/** @type {string[]} */
let heard = [];
const hearer = {
  opened: () => heard.push('opened'),
  heard: (/** @type {string} */ text) => heard.push(text),
  pinged: () => heard.push('pinged'),
  closed: (/** @type {number} */ code) => heard.push(`closed ${code}`),
};
/** @type {typeof fetch} */
const fetcher = (url, init) =>
  new Promise((resolve, reject) => asked.push({ url: String(url), init, answer: (response) => resolve(/** @type {any} */ (response)), fail: reject }));
const transport = new SseTransport('/v1', fetcher);
const settle = () => new Promise((resolve) => setImmediate(resolve));
const TAKEN = { ok: true, status: 202 };

beforeEach(() => {
  asked = [];
  heard = [];
});

/** A stream the test writes into. */
function stream() {
  /** @type {ReadableStreamDefaultController<Uint8Array>} */
  let controller;
  const body = new ReadableStream({ start: (made) => void (controller = made) });
  return {
    answer: { ok: true, status: 200, body },
    write: (/** @type {string} */ text) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
  };
}

test('events are read however the stream is cut', () => {
  /** @type {string[]} */
  const events = [];
  const reader = new EventReader(({ type, data }) => events.push(`${type}: ${data}`));
  for (const piece of ['da', 'ta: {"a"', ':1}\n', '\n: a comment\n\nevent: ping\r\ndata:\r\n\r\n', 'data: x\ndata: y\n\nid: 7\n\n']) reader.read(piece);
  assert.deepEqual(events, ['message: {"a":1}', 'ping: ', 'message: x\ny']);
});

test('a stream is opened to go on where the device was, and its messages and pings are told', async () => {
  transport.open({ device: 'd', after: 7 }, hearer);
  assert.equal(asked[0]?.url, '/v1/events?device=d&after=7');
  const { answer, write } = stream();
  asked[0]?.answer(answer);
  write('data: one\n\nevent: ping\ndata:\n\nda');
  write('ta: two\n\n');
  await settle();
  assert.deepEqual(heard, ['opened', 'one', 'pinged', 'two']);
});

test('the end of the stream, and an answer that is none, close the link once', async () => {
  transport.open(null, hearer);
  const { answer, end } = stream();
  asked[0]?.answer(answer);
  end();
  await settle();
  assert.deepEqual(heard, ['opened', 'closed 200']);
  heard = [];
  transport.open(null, hearer);
  asked[1]?.answer({ ok: false, status: 401, body: null });
  await settle();
  assert.deepEqual(heard, ['closed 401']);
});

test('requests are posted one after another, so that none overtakes', async () => {
  const link = transport.open(null, hearer);
  link.send('{"id":1}', 'd');
  link.send('{"id":2}', 'd');
  assert.deepEqual(asked.slice(1).map(({ url, init }) => [url, init.body]), [['/v1/requests?device=d', '{"id":1}']]);
  asked[1]?.answer(TAKEN);
  await settle();
  assert.equal(asked[2]?.init.body, '{"id":2}');
});

test('a request that is not taken breaks the link, which then is resumed', async () => {
  const link = transport.open(null, hearer);
  link.send('{"id":1}', 'd');
  link.send('{"id":2}', 'd');
  asked[1]?.answer({ ok: false, status: 404 });
  await settle();
  assert.deepEqual(heard, ['closed 0']);
  assert.equal(asked.length, 2);
});

test('leaving says so past the end of the page, and nothing is heard after it', async () => {
  const link = transport.open(null, hearer);
  const { answer, write } = stream();
  asked[0]?.answer(answer);
  await settle();
  link.leave('d');
  assert.deepEqual([asked[1]?.url, asked[1]?.init.method, asked[1]?.init.keepalive], ['/v1/events/close?device=d', 'POST', true]);
  asked[1]?.answer(TAKEN);
  write('data: late\n\n');
  await settle();
  assert.deepEqual(heard, ['opened']);
});

test('leaving lets the server end the stream, and ends it itself only where the server does not hear', async () => {
  const link = transport.open(null, hearer);
  asked[0]?.answer(stream().answer);
  await settle();
  link.leave('d');
  asked[1]?.answer(TAKEN);
  await settle();
  assert.equal(asked[0]?.init.signal.aborted, false);
  link.leave('d');
  asked[2]?.fail(new Error('no network'));
  await settle();
  assert.equal(asked[0]?.init.signal.aborted, true);
});

for (const way of /** @type {const} */ (['leave', 'drop'])) {
  test(`after ${way} nothing that waited is posted`, async () => {
    const link = transport.open(null, hearer);
    link.send('{"id":1}', 'd');
    link.send('{"id":2}', 'd');
    if (way === 'leave') link.leave('d');
    else link.drop(4000, 'dead');
    asked[1]?.answer(TAKEN);
    await settle();
    link.send('{"id":3}', 'd');
    await settle();
    assert.deepEqual(asked.map(({ init }) => init.body).filter(Boolean), ['{"id":1}']);
  });
}
