import assert from 'node:assert/strict';
import { test } from 'node:test';

import { figures } from '../app/js/call/figures.js';

/** @import { Entry } from '../app/js/call/figures.js' */

/** @param {...Entry} entries */
const report = (...entries) => new Map(entries.map((entry) => [entry.id, entry]));
/** @param {number} at @param {Record<string, unknown>} [some] @returns {Entry} */
const picture = (at, some) => ({ id: 'in', type: 'inbound-rtp', kind: 'video', mid: '7', timestamp: at, packetsReceived: 1, ...some });
/** @param {number} at @param {Record<string, unknown>} [some] @returns {Entry} */
const layer = (at, some) => ({ id: 'out', type: 'outbound-rtp', kind: 'video', mid: '1', timestamp: at, rid: 'h', ...some });
/** @param {number} at @param {Record<string, unknown>} [some] @returns {Entry} */
const path = (at, some) => ({ id: 'pair', type: 'candidate-pair', nominated: true, state: 'succeeded', timestamp: at, ...some });

const SLOT = { mid: '7', source: { user: 'b', track: /** @type {const} */ ('camera') }, rid: 'h', temporal: 2, bitrate_bps: 400_000, paused: false };
const SERVER = { type: /** @type {const} */ ('stats'), call: 'x', estimate_bps: 2_000_000, rtt_ms: 38.5, loss: 0.5, slots: [SLOT] };

test('a picture is told by its size, its frames, bits and losses since the report before, and its layer', () => {
  const before = report(picture(1000, { bytesReceived: 1000, framesDecoded: 10, packetsReceived: 10, packetsLost: 0 }));
  const now = report(
    picture(3000, { bytesReceived: 101_000, framesDecoded: 40, packetsReceived: 100, packetsLost: 10, frameWidth: 640, frameHeight: 360, freezeCount: 2 }),
  );
  assert.deepEqual(figures(before, now, SERVER).tiles, {
    7: { width: 640, height: 360, fps: 15, bitrate_bps: 400_000, rid: 'h', temporal: 2, loss: 0.1, freezes: 2 },
  });
});

test('the path is told as the server estimates it, and as the browser counts it where the server does not say', () => {
  const before = report(path(0, { bytesSent: 0, bytesReceived: 0 }));
  const now = report(path(1000, { bytesSent: 125, bytesReceived: 250, currentRoundTripTime: 0.02 }));
  assert.deepEqual(figures(before, now, SERVER).total, { estimate_bps: 2_000_000, rtt_ms: 38.5, loss: 0.5, up_bps: 1000, down_bps: 2000 });
  assert.deepEqual(figures(before, now, null).total, { estimate_bps: null, rtt_ms: 20, loss: null, up_bps: 1000, down_bps: 2000 });
});

test('each layer that is sent is told, and what keeps it small', () => {
  const before = report(layer(0, { bytesSent: 0, framesEncoded: 0 }), layer(0, { id: 'off', rid: 'f', bytesSent: 5, framesEncoded: 5 }));
  const now = report(
    layer(1000, { bytesSent: 1000, framesEncoded: 15, frameWidth: 640, frameHeight: 360, qualityLimitationReason: 'cpu' }),
    layer(1000, { id: 'off', rid: 'f', bytesSent: 5, framesEncoded: 5, qualityLimitationReason: 'none' }),
  );
  assert.deepEqual(figures(before, now, null).sent, [{ mid: '1', rid: 'h', width: 640, height: 360, fps: 15, bitrate_bps: 8000, limited: 'cpu' }]);
});

test('the first report tells sizes, and no rates', () => {
  const { tiles, total } = figures(null, report(picture(1000, { frameWidth: 640, frameHeight: 360, bytesReceived: 5 }), path(1000)), null);
  assert.deepEqual(tiles[7], { width: 640, height: 360, fps: null, bitrate_bps: null, rid: null, temporal: null, loss: null, freezes: 0 });
  assert.deepEqual(total, { estimate_bps: null, rtt_ms: null, loss: null, up_bps: null, down_bps: null });
});

test('packets that came late after all are not a negative loss, and a slot nothing came in is no tile', () => {
  const before = report(picture(0, { packetsReceived: 10, packetsLost: 5 }));
  const now = report(picture(1000, { packetsReceived: 20, packetsLost: 2 }), picture(1000, { id: 'empty', mid: '8', packetsReceived: 0 }));
  const { tiles } = figures(before, now, null);
  assert.deepEqual(Object.keys(tiles), ['7']);
  assert.equal(tiles[7]?.loss, 0);
});
