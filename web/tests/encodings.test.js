import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodingsOf, layersOf } from '../app/js/call/encodings.js';

const HD = { width: 1280, height: 720 };

test('a camera is offered in three sizes, the smallest first, and a screen in two', () => {
  assert.deepEqual(encodingsOf('camera').map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]), [['q', 4], ['h', 2], ['f', 1]]);
  assert.deepEqual(encodingsOf('screen').map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]), [['q', 2], ['f', 1]]);
});

/** The active layers, with how many times smaller than the capture they are. @type {(...how: Parameters<typeof layersOf>) => string[]} */
const sent = (...how) => layersOf(...how).flatMap(({ rid, active, scaleResolutionDownBy: by }) => (active ? `${rid}/${by}` : []));

test('all three layers are sent from 540p up, two of a smaller capture and one of a tiny one, the last in its own size', () => {
  /** @type {[number, number, string[]][]} */
  const table = [
    [1280, 720, ['q/4', 'h/2', 'f/1']],
    [960, 540, ['q/4', 'h/2', 'f/1']],
    [540, 960, ['q/4', 'h/2', 'f/1']],
    [640, 480, ['q/2', 'h/1']],
    [640, 360, ['q/2', 'h/1']],
    [480, 270, ['q/2', 'h/1']],
    [320, 180, ['q/1']],
  ];
  for (const [width, height, layers] of table) assert.deepEqual(sent('camera', { width, height }, null), layers, `${width}x${height}`);
  assert.deepEqual(sent('camera', null, null), ['q/4', 'h/2', 'f/1']);
  assert.deepEqual(sent('camera', {}, null), ['q/4', 'h/2', 'f/1']);
});

test('every layer that was offered is spoken of, and none is larger than the capture', () => {
  const layers = layersOf('camera', { width: 320, height: 180 }, null);
  assert.deepEqual(layers.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]), [['q', 1], ['h', 1], ['f', 1]]);
});

test('a screen is sent in both sizes however small it is', () => {
  assert.deepEqual(sent('screen', { width: 200, height: 100 }, null), ['q/2', 'f/1']);
});

test('only what the server wants is sent, and nothing if that is nothing', () => {
  assert.deepEqual(sent('camera', HD, ['q']), ['q/4']);
  assert.deepEqual(sent('camera', HD, ['f', 'q']), ['q/4', 'f/1']);
  assert.deepEqual(sent('camera', HD, []), []);
  assert.deepEqual(sent('screen', HD, ['f']), ['f/1']);
});

test('a capture too small for the layer that is wanted sends the largest it has', () => {
  assert.deepEqual(sent('camera', { width: 640, height: 360 }, ['f']), ['h/1']);
  assert.deepEqual(sent('camera', { width: 640, height: 360 }, ['q', 'f']), ['q/2']);
  assert.deepEqual(sent('camera', { width: 320, height: 180 }, ['h', 'f']), ['q/1']);
});
