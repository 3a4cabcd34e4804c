import assert from 'node:assert/strict';
import { test } from 'node:test';

import { canBeLarge, nextLarge, NOBODY_LARGE } from '../app/js/layout/large.js';

/** @import { Tile } from '../app/js/state/tiles.js' */

const EVERYONE = ['a', 'b', 'c'];

/**
 * Who is large after each of these words: `[ms, speakers, loudest first]`, asked again when it was due.
 * @param {[number, string][]} words
 */
function largeAfter(words) {
  let large = NOBODY_LARGE;
  /** @type {number | null} */
  let due = null;
  /** @type {string[]} */
  let speaking = [];
  const step = (/** @type {number} */ now) => ({ large, due } = nextLarge(large, EVERYONE, speaking, now));
  return words.map(([now, speakers]) => {
    while (due !== null && due <= now) step(due);
    speaking = [...speakers];
    step(now);
    return large.key;
  });
}

test('before anybody speaks the first one is large, and whoever speaks then is so a second later, not before', () => {
  assert.deepEqual(largeAfter([[0, ''], [10_000, 'b'], [10_900, 'b'], [11_100, 'b']]), ['a', 'a', 'a', 'b']);
});

test('a cough changes nothing', () => {
  assert.deepEqual(largeAfter([[0, 'a'], [10_000, 'b'], [10_600, ''], [11_500, 'b'], [12_000, 'a']]), ['a', 'a', 'a', 'a', 'a']);
});

test('two who talk at once do not chase each other away', () => {
  const words = Array.from({ length: 60 }, (_, at) => /** @type {[number, string]} */ ([at * 500, at % 2 ? 'ab' : 'ba']));
  assert.equal(new Set(largeAfter(words)).size, 1);
});

test('whoever stays the loudest of two gets large in the end', () => {
  assert.deepEqual(largeAfter([[0, 'a'], [10_000, 'ba'], [13_000, 'ba'], [14_100, 'ba']]), ['a', 'a', 'a', 'b']);
});

test('whoever has become large stays so for a while, though the next one speaks already', () => {
  assert.deepEqual(largeAfter([[0, 'a'], [10_000, 'b'], [11_100, 'c'], [12_900, 'c'], [14_100, 'c']]), ['a', 'a', 'b', 'b', 'c']);
});

test('the last one who spoke stays large in silence', () => {
  assert.deepEqual(largeAfter([[0, 'b'], [5000, ''], [60_000, '']]), ['b', 'b', 'b']);
});

test('when the large one goes, whoever speaks takes the place at once, else the first', () => {
  const { large } = nextLarge(NOBODY_LARGE, EVERYONE, ['c'], 0);
  assert.equal(nextLarge(large, ['a', 'b'], ['b'], 10).large.key, 'b');
  assert.equal(nextLarge(large, ['a', 'b'], [], 10).large.key, 'a');
  assert.equal(nextLarge(large, [], [], 10).large.key, null);
});

/** @param {string} key @param {Partial<Tile>} [some] */
const tile = (key, some) => /** @type {Tile} */ ({ key, shows: 'person', there: true, state: null, ...some });
const RINGING = /** @type {const} */ ({ there: false, state: 'ringing' });
const LOST = /** @type {const} */ ({ there: false, state: 'reconnecting' });

test('whoever is there is large rather than one who is still being called', () => {
  assert.deepEqual(canBeLarge([tile('b screen', { shows: 'screen' }), tile('a', RINGING), tile('b')], null), ['b']);
  assert.deepEqual(canBeLarge([tile('a', RINGING), tile('b', RINGING)], null), ['a', 'b']);
});

test('the large one keeps the place while their connection comes back, and loses it to those who are there when held', () => {
  assert.deepEqual(canBeLarge([tile('a', LOST), tile('b')], 'a'), ['a', 'b']);
  assert.deepEqual(canBeLarge([tile('a', LOST), tile('b')], 'b'), ['b']);
  assert.deepEqual(canBeLarge([tile('a', { there: false, state: 'held' }), tile('b')], 'a'), ['b']);
});
