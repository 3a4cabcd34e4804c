import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choose, FIRST_CHOICE, largeOf, modeOf } from '../app/js/layout/choice.js';

/** @import { ChoiceAction } from '../app/js/layout/choice.js' */

/** @param {...ChoiceAction} actions */
const after = (...actions) => actions.reduce(choose, FIRST_CHOICE);
/** @param {string | null} [screen] @param {number} [now] @returns {ChoiceAction} */
const tiles = (screen = null, now = 0) => ({ type: 'tiles', keys: [...(screen ? [screen] : []), 'a', 'b'], screen, now });
/** @type {ChoiceAction} */
const toggled = { type: 'toggled' };
/** @param {string} key @returns {ChoiceAction} */
const pinned = (key) => ({ type: 'pinned', key });
/** @param {...ChoiceAction} actions */
const seen = (...actions) => [modeOf(after(...actions)), largeOf(after(...actions), 'b')];

test('a call begins as a grid and can be changed to the speaker and back', () => {
  assert.deepEqual([modeOf(after(tiles())), modeOf(after(tiles(), toggled)), modeOf(after(tiles(), toggled, toggled))], ['grid', 'speaker', 'grid']);
  assert.deepEqual(seen(tiles(), toggled), ['speaker', 'b']);
});

test('a shared screen is large by itself, and what was before comes back after it', () => {
  assert.deepEqual(seen(tiles(), tiles('s')), ['speaker', 's']);
  assert.deepEqual(seen(tiles(), tiles('s'), tiles()), ['grid', 'b']);
  assert.deepEqual(seen(tiles(), toggled, tiles('s'), tiles()), ['speaker', 'b']);
});

test('a screen put into the grid stays there, and the next one is large again', () => {
  assert.deepEqual(seen(tiles('s'), toggled, tiles('s')), ['grid', 'b']);
  assert.deepEqual(seen(tiles('s'), toggled, tiles('z')), ['speaker', 'z']);
  assert.deepEqual(seen(tiles('s'), toggled, tiles(), tiles('s', 60_000)), ['speaker', 's']);
});

test('a screen that is away for a moment comes back as it was looked at', () => {
  assert.deepEqual(seen(tiles('s'), toggled, tiles(), tiles('s', 5000)), ['grid', 'b']);
  assert.deepEqual(seen(tiles('s'), pinned('s'), tiles(), tiles('s', 5000)), ['speaker', 's']);
  assert.equal(after(tiles('s'), pinned('s'), tiles(), tiles('s', 5000)).pinned, 's');
  assert.equal(after(tiles('s'), toggled, { type: 'page', page: 2 }, tiles(), tiles('s', 5000)).page, 2);
  assert.equal(after(tiles('s'), { type: 'page', page: 2 }, tiles(), tiles('s', 5000)).page, 2);
});

test('what was chosen while a screen was away holds when it comes back', () => {
  assert.deepEqual(seen(tiles('s'), toggled, tiles(), pinned('a'), tiles('s', 5000)), ['speaker', 'a']);
  assert.equal(after(tiles('s'), pinned('s'), tiles(), pinned('a'), pinned('a'), tiles('s', 5000)).pinned, null);
});

test('a screen that changes nothing of the view leaves its page alone', () => {
  assert.equal(after(tiles('s'), toggled, { type: 'page', page: 1 }, tiles()).page, 1);
  assert.equal(after(tiles(), { type: 'page', page: 1 }, tiles('s')).page, 0);
});

test('whoever is pinned is large whoever speaks or shares, until unpinned or gone', () => {
  assert.deepEqual(seen(tiles(), pinned('a')), ['speaker', 'a']);
  assert.deepEqual(seen(tiles(), pinned('a'), tiles('s')), ['speaker', 'a']);
  assert.deepEqual(seen(tiles(), pinned('a'), pinned('a')), ['grid', 'b']);
  assert.deepEqual(seen(tiles(), pinned('a'), { type: 'tiles', keys: ['b'], screen: null, now: 0 }), ['grid', 'b']);
});

test('asking for the grid unpins', () => {
  assert.equal(after(tiles(), pinned('a'), toggled).pinned, null);
  assert.deepEqual(seen(tiles(), pinned('a'), toggled), ['grid', 'b']);
});

test('another view begins with its first page, and no page comes before it', () => {
  assert.equal(after(tiles(), { type: 'page', page: 2 }, toggled).page, 0);
  assert.equal(after(tiles(), { type: 'page', page: -1 }).page, 0);
});
