import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shownTiles } from '../app/js/layout/announce.js';
import { INITIAL, reduce } from '../app/js/state/state.js';
import { ownMarks, tilesOf } from '../app/js/state/tiles.js';

/** @import { MediaState, Seat, SeatState, ServerEvent } from '../app/js/protocol.js' */
/** @import { Action } from '../app/js/state/state.js' */

const BORIS = { id: 'b', name: 'Boris' };
const CLARA = { id: 'c', name: 'Clara' };

/** @param {typeof BORIS} person @param {Partial<MediaState>} [media] @param {SeatState} [state] @returns {Seat} */
const seat = (person, media = {}, state = 'active') => ({ person, state, media: { microphone: true, camera: true, screen: false, ...media } });
/** @param {ServerEvent} event @returns {Action} */
const told = (event) => ({ type: 'server', event, now: 0 });
/** @param {string} mid @param {string} user @param {'camera' | 'screen'} [track] */
const slot = (mid, user, track = 'camera') => told({ type: 'slot', call: 'x', mid, source: { user, track } });

/** @param {Seat[]} seats @param {...Action} actions */
function callWith(seats, ...actions) {
  /** @type {Action[]} */
  const begun = [
    { type: 'logged_in', me: { id: 'a', name: 'Anna', phone: '+79001234567' } },
    { type: 'call_started', key: 1, id: null, direction: 'outgoing', kind: 'video', me: 'a', people: [BORIS, CLARA] },
    { type: 'call_offered', key: 1 },
    { type: 'call_joined', key: 1, id: 'x', seats, now: 0 },
  ];
  const { call } = [...begun, ...actions].reduce(reduce, INITIAL);
  assert.ok(call);
  return call;
}
const BOTH = [seat(BORIS), seat(CLARA)];
const BOXES = new Map(['b', 'c', 'b screen'].map((key, at) => [key, { left: 0, top: 0, width: 100, height: 100 + at }]));
/** @param {ReturnType<typeof callWith>} call @param {typeof BOXES} [boxes] */
const announced = (call, boxes = BOXES) => shownTiles(tilesOf(call), boxes, { pixelRatio: 2, first: 'c' });

test('who speaks, whose connection is not good and whose picture is paused is seen on their tile alone', () => {
  const call = callWith(
    BOTH,
    slot('4', 'b'),
    slot('5', 'c'),
    told({ type: 'speakers', call: 'x', users: ['c'] }),
    told({ type: 'quality', call: 'x', people: [{ user: 'b', quality: 'poor' }, { user: 'a', quality: 'fair' }] }),
    told({ type: 'slot_paused', call: 'x', mid: '4', paused: true }),
  );
  const seen = tilesOf(call).map(({ key, speaking, quality, paused }) => [key, speaking, quality, paused]);
  assert.deepEqual(seen, [['b', false, 'poor', true], ['c', true, null, false]]);
  assert.deepEqual([ownMarks(call).quality, ownMarks(call).speaking], ['fair', false]);
  const paused = (/** @type {boolean} */ on) => told({ type: 'slot_paused', call: 'x', mid: '4', paused: on });
  const better = tilesOf(callWith(BOTH, slot('4', 'b'), paused(true), paused(false)));
  assert.deepEqual(better.map(({ paused }) => paused), [false, false]);
});

test('somebody who reconnects neither speaks nor has a quality', () => {
  const call = callWith(
    [seat(BORIS, {}, 'reconnecting'), seat(CLARA)],
    told({ type: 'speakers', call: 'x', users: ['b'] }),
    told({ type: 'quality', call: 'x', people: [{ user: 'b', quality: 'poor' }] }),
  );
  const [boris] = tilesOf(call);
  assert.deepEqual([boris?.speaking, boris?.quality, boris?.state], [false, null, 'reconnecting']);
});

test('while one holds the call nobody is seen to speak, since nobody is heard', () => {
  const call = callWith(BOTH, told({ type: 'speakers', call: 'x', users: ['b', 'a'] }), { type: 'call_held', key: 1, held: true });
  assert.deepEqual([...tilesOf(call), ownMarks(call)].map(({ speaking }) => speaking), [false, false, false]);
});

test('one is muted in one’s own eyes only once the call runs', () => {
  const muted = { type: /** @type {const} */ ('call_own_media'), key: 1, own: { microphone: false, camera: true, screen: false }, problems: { microphone: null, camera: null } };
  assert.equal(ownMarks(callWith(BOTH, muted)).muted, true);
  assert.equal(ownMarks(callWith([seat(BORIS, {}, 'ringing'), seat(CLARA, {}, 'ringing')], muted)).muted, false);
});

test('a shared screen comes before all people', () => {
  const call = callWith([seat(BORIS), seat(CLARA, { screen: true })], slot('7', 'c', 'screen'));
  assert.deepEqual(tilesOf(call).map(({ key, mid }) => [key, mid]), [['c screen', '7'], ['b', null], ['c', null]]);
});

test('a screen is asked for before a slot has it, so that one on another page comes when it is turned to', () => {
  const call = callWith([seat(BORIS, { screen: true }), seat(CLARA)]);
  assert.deepEqual(announced(call).map(({ user, track }) => [user, track]), [['b', 'screen'], ['c', 'camera'], ['b', 'camera']]);
});

test('what is on the screen is asked for in device pixels, with who goes first', () => {
  assert.deepEqual(announced(callWith(BOTH)), [
    { user: 'c', track: 'camera', height: 202, pinned: true },
    { user: 'b', track: 'camera', height: 200, pinned: false },
  ]);
});

test('what is not on the screen is not asked for, nor anybody who is not there', () => {
  assert.deepEqual(announced(callWith(BOTH), new Map()), []);
  const call = callWith([seat(BORIS, {}, 'ringing'), seat(CLARA)]);
  assert.deepEqual(announced(call).map(({ user }) => user), ['c']);
});

test('whoever has the camera off is asked for after those who can be seen', () => {
  const call = callWith([seat(BORIS), seat(CLARA, { camera: false })]);
  assert.deepEqual(announced(call).map(({ user }) => user), ['b', 'c']);
});
