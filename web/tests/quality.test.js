import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { between, countedIn, NOTHING_COUNTED } from '../app/js/call/quality.js';
import { Reporter } from '../app/js/call/reporter.js';

/** @import { QualityReport } from '../app/js/protocol.js' */

const AUDIO = { id: 'a', timestamp: 0, type: 'inbound-rtp', kind: 'audio', packetsReceived: 100, packetsLost: 2, jitter: 0.012 };
const VIDEO = { id: 'v', timestamp: 7000, type: 'inbound-rtp', kind: 'video', packetsReceived: 900, packetsLost: 8, jitter: 0.5, totalFreezesDuration: 1.25 };
const PATH = { id: 'p', timestamp: 0, type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.024 };

/** @type {QualityReport[]} */
let sent = [];
/** @type {Map<string, any>} */
let stats = new Map();
/** @type {Reporter} */
let reporter;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  sent = [];
  stats = new Map([['a', AUDIO]]);
  reporter = new Reporter(async () => /** @type {any} */ (stats), (report) => sent.push(report));
});

async function settle() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

test('packets of sound and picture are counted together, jitter is that of the sound, and the path in use tells the round trip', () => {
  const idle = { id: 'i', timestamp: 0, type: 'candidate-pair', nominated: false, state: 'waiting', currentRoundTripTime: 9 };
  const outgoing = { id: 'o', timestamp: 0, type: 'outbound-rtp', packetsSent: 5 };
  assert.deepEqual(countedIn([AUDIO, VIDEO, PATH, idle, outgoing]), { received: 1000, lost: 10, rtt_ms: 24, jitter_ms: 12, frozen: { v: { ms: 1250, at: 7000 } } });
});

test('a report tells what came since the one before, and never less than nothing', () => {
  const frozen = { v: { ms: 1250, at: 0 } };
  const before = { ...NOTHING_COUNTED, received: 1000, lost: 10, frozen };
  const later = { received: 1500, lost: 9, rtt_ms: 30, jitter_ms: 4, frozen };
  assert.deepEqual(between(before, later), { received: 500, lost: 0, rtt_ms: 30, jitter_ms: 4, frozen_ms: 0 });
});

test('standstills of several pictures are summed, and one that began before the last report was a picture not shown', () => {
  const before = { ...NOTHING_COUNTED, frozen: { v: { ms: 100, at: 0 }, w: { ms: 0, at: 0 }, hidden: { ms: 0, at: 0 } } };
  const later = { ...NOTHING_COUNTED, frozen: { v: { ms: 400, at: 5000 }, w: { ms: 4900, at: 5000 }, hidden: { ms: 60_000, at: 5000 } } };
  assert.equal(between(before, later).frozen_ms, 5200);
});

test('a report goes out every five seconds, each with what is new, and none while nothing comes', async () => {
  reporter.start();
  mock.timers.tick(5000);
  await settle();
  stats = new Map([['a', { ...AUDIO, packetsReceived: 350 }]]);
  mock.timers.tick(5000);
  await settle();
  mock.timers.tick(5000);
  await settle();
  assert.deepEqual(sent.map(({ received, lost }) => [received, lost]), [[100, 2], [250, 0]]);
});

test('a new connection counts from the beginning', async () => {
  reporter.start();
  mock.timers.tick(5000);
  await settle();
  reporter.renew();
  mock.timers.tick(5000);
  await settle();
  assert.deepEqual(sent.map(({ received }) => received), [100, 100]);
});

test('the last word tells what came since the last report, once', async () => {
  reporter.start();
  await reporter.last();
  assert.equal(sent.length, 1);
  assert.equal(reporter.last(), null);
  mock.timers.tick(10_000);
  await settle();
  assert.equal(sent.length, 1);
});

test('a browser that is slow to count keeps nobody from hanging up', async () => {
  const slow = new Reporter(() => new Promise(() => {}), () => {});
  slow.start();
  const last = slow.last();
  mock.timers.tick(300);
  await last;
});
