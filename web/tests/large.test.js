import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextLarge, NOBODY_LARGE } from '../app/js/layout/large.js';

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
