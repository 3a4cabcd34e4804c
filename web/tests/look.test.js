import assert from 'node:assert/strict';
import { test } from 'node:test';

import { showsMore, viewOf } from '../app/js/call/look.js';

/** @import { Shown } from '../app/js/call/look.js' */
/** @import { ViewTile } from '../app/js/protocol.js' */
/** @import { Slots } from '../app/js/state/call.js' */

const MIDS = { camera: ['5', '6', '7'], screen: ['8'] };
/** @param {string} user @param {number} [height] @param {Partial<Shown>} [some] @returns {Shown} */
const shown = (user, height = 360, some = {}) => ({ user, track: 'camera', height, pinned: false, ...some });
const SCREEN = { track: /** @type {const} */ ('screen') };
/** @param {Record<string, string>} users by mid @returns {Slots} */
const cameras = (users) => Object.fromEntries(Object.entries(users).map(([mid, user]) => [mid, { user, track: /** @type {const} */ ('camera') }]));
/** @param {readonly ViewTile[]} tiles */
const users = (tiles) => Object.fromEntries(tiles.filter(({ height }) => height > 0).map(({ mid, user }) => [mid, user]));

test('whoever is in a slot is looked at there, and who is in none gets an empty one', () => {
  const view = viewOf([shown('a'), shown('b')], MIDS, cameras({ 6: 'b', 5: 'x' }), []);
  assert.deepEqual(users(view), { 6: 'b', 7: 'a' });
});

test('whoever was asked for in a slot stays there, although somebody else is in it still', () => {
  const before = viewOf([shown('a')], MIDS, cameras({ 5: 'x', 6: 'y', 7: 'z' }), []);
  assert.deepEqual(users(before), { 5: 'a' });
  const after = viewOf([shown('x'), shown('a')], MIDS, cameras({ 5: 'x', 6: 'y', 7: 'z' }), before);
  assert.deepEqual(users(after), { 5: 'a', 6: 'x' });
});

test('slots that show nothing have no height and no person', () => {
  assert.deepEqual(viewOf([shown('a')], MIDS, {}, []), [
    { mid: '5', height: 360, user: 'a' },
    { mid: '6', height: 0 },
    { mid: '7', height: 0 },
    { mid: '8', height: 0 },
  ]);
  assert.deepEqual(users(viewOf([], MIDS, cameras({ 5: 'a' }), [])), {});
});

test('a screen and the camera of the same person are two pictures', () => {
  const bound = { ...cameras({ 5: 'a' }), 8: { user: 'a', ...SCREEN } };
  assert.deepEqual(users(viewOf([shown('a', 900, SCREEN), shown('a', 90)], MIDS, bound, [])), { 5: 'a', 8: 'a' });
});

test('where more are shown than there are slots the first ones are looked at', () => {
  const view = viewOf([shown('a'), shown('b'), shown('c'), shown('d')], MIDS, {}, []);
  assert.deepEqual(Object.values(users(view)), ['a', 'b', 'c']);
});

test('heights are whole, at least one and never beyond a wall of screens, and a pin is told', () => {
  const view = viewOf([shown('a', 0.2), shown('b', 180.6, { pinned: true }), shown('c', 100_000)], MIDS, {}, []);
  assert.deepEqual(view.slice(0, 3), [
    { mid: '5', height: 1, user: 'a' },
    { mid: '6', height: 181, user: 'b', pinned: true },
    { mid: '7', height: 4320, user: 'c' },
  ]);
});

test('a picture more is more, another size is not', () => {
  const one = viewOf([shown('a')], MIDS, {}, []);
  const larger = viewOf([shown('a', 720)], MIDS, {}, one);
  assert.equal(showsMore(one, larger), false);
  assert.equal(showsMore(one, viewOf([shown('a'), shown('b')], MIDS, {}, one)), true);
  assert.equal(showsMore(one, viewOf([shown('b')], MIDS, {}, one)), true);
  assert.equal(showsMore(one, viewOf([], MIDS, {}, one)), false);
});
