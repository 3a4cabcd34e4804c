import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sentRows, tileRows, totalLines } from '../app/js/layout/figure_words.js';

/** @import { Tile } from '../app/js/state/tiles.js' */

/** @param {Partial<Tile>} some @returns {Tile} */
const tile = (some) => ({
  key: 'b',
  person: { id: 'b', name: 'Boris' },
  shows: 'person',
  there: true,
  on: true,
  mid: '4',
  muted: false,
  speaking: false,
  quality: null,
  paused: false,
  state: null,
  ringingOn: 0,
  ...some,
});
const FIGURES = { width: 640, height: 360, fps: 14.7, bitrate_bps: 412_300, rid: 'h', temporal: 2, loss: 0.0126, freezes: 0 };

test('a tile tells its resolution, frames, bitrate, layer and loss', () => {
  assert.deepEqual(tileRows([tile({})], { 4: FIGURES }), [{ key: 'b', name: 'Boris', cells: ['640×360', '15', '412 kbit/s', 'h T2', '1.3 %'] }]);
});

test('a tile without a slot, or of which nothing is known, has no row; a paused one says so', () => {
  assert.deepEqual(tileRows([tile({ mid: null }), tile({ mid: '9' })], { 4: FIGURES }), []);
  assert.deepEqual(tileRows([tile({ paused: true })], { 4: FIGURES })[0]?.cells[0], 'paused');
});

test('a picture the server sends no layer of is said to be not sent, and one that only stands still is not', () => {
  const still = { ...FIGURES, fps: 0, bitrate_bps: 0 };
  assert.deepEqual(tileRows([tile({})], { 4: { ...still, rid: null } })[0]?.cells, ['not sent', '', '', '', '']);
  assert.equal(tileRows([tile({})], { 4: still })[0]?.cells[0], '640×360');
});

test('what is not known is a dash and not a nought', () => {
  const unknown = { width: null, height: null, fps: null, bitrate_bps: null, rid: null, temporal: null, loss: null, freezes: 0 };
  assert.deepEqual(tileRows([tile({})], { 4: unknown })[0]?.cells, ['–', '–', '–', '–', '–']);
  const values = totalLines({ estimate_bps: null, rtt_ms: null, loss: null, up_bps: null, down_bps: null }).map(({ value }) => value);
  assert.deepEqual(values, ['–', '–', '–', '–', '–']);
});

test('the whole call tells its bandwidth, round trip, loss and rates', () => {
  const lines = totalLines({ estimate_bps: 2_450_000, rtt_ms: 38.5, loss: 0, up_bps: 999_000, down_bps: 5_600_000 });
  assert.deepEqual(lines.map(({ value }) => value), ['2.5 Mbit/s', '39 ms', '0 %', '5.6 Mbit/s', '999 kbit/s']);
});

test('the layers that are sent are listed, the largest first, with what limits them', () => {
  const layer = (/** @type {string} */ rid, /** @type {number} */ width, /** @type {string | null} */ limited) => ({ mid: '1', rid, width, height: width / 2, fps: 24, bitrate_bps: 500_000, limited });
  const rows = sentRows([layer('q', 320, null), layer('f', 1280, 'cpu'), layer('h', 640, 'other')]);
  assert.deepEqual(rows.map(({ name, cells }) => [name, cells[3]]), [['f', 'processor'], ['h', '–'], ['q', '–']]);
});
