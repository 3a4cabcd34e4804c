import assert from 'node:assert/strict';
import { test } from 'node:test';

import { INITIAL, reduce } from '../app/js/state/state.js';

/** @import { Seat, SeatState, ServerEvent } from '../app/js/protocol.js' */
/** @import { Action, State } from '../app/js/state/state.js' */

const BORIS = { id: 'b', name: 'Boris' };
/** @param {State} state @param {...Action} actions */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @param {ServerEvent} event @returns {Action} */
const told = (event) => ({ type: 'server', event, now: 0 });
/** @param {SeatState} state @returns {Seat} */
const seat = (state) => ({ person: BORIS, state, media: { microphone: true, camera: true, screen: false } });
/** @param {string} mid @param {string} user */
const slot = (mid, user) => told({ type: 'slot', call: 'x', mid, source: { user, track: 'camera' } });
/** @param {string} mid @param {boolean} [on] */
const paused = (mid, on = true) => told({ type: 'slot_paused', call: 'x', mid, paused: on });
/** @param {string[]} users */
const speakers = (users) => told({ type: 'speakers', call: 'x', users });
/** @param {string} user @param {'good' | 'fair' | 'poor'} quality */
const quality = (user, quality) => told({ type: 'quality', call: 'x', people: [{ user, quality }] });
/** @param {boolean} screen @returns {Action} */
const own = (screen) => ({ type: 'call_own_media', key: 1, own: { microphone: true, camera: true, screen }, problems: { microphone: null, camera: null } });
/** @type {Action} */
const JOINED = { type: 'call_joined', key: 1, id: 'x', seats: [seat('active')], now: 0 };
/** @type {(on: boolean) => Action} */
const renewing = (on) => ({ type: 'call_renewing', key: 1, on });
const IN_CALL = after(
  INITIAL,
  { type: 'logged_in', me: { id: 'a', name: 'Anna', phone: '+79001234567' } },
  { type: 'call_started', key: 1, id: 'x', direction: 'incoming', kind: 'video', me: 'a', people: [BORIS] },
  JOINED,
);

test('who speaks is told whole each time', () => {
  const { call } = after(IN_CALL, speakers(['c', 'b']), speakers(['b']));
  assert.deepEqual(call?.speakers, ['b']);
});

test('a connection that is good again is not spoken of', () => {
  const poor = after(IN_CALL, quality('b', 'poor'), quality('c', 'fair'));
  assert.deepEqual(poor.call?.quality, { b: 'poor', c: 'fair' });
  assert.deepEqual(after(poor, quality('b', 'good')).call?.quality, { c: 'fair' });
});

test('one who left neither speaks nor has a bad connection', () => {
  const bad = after(IN_CALL, speakers(['b', 'c']), quality('b', 'poor'));
  const left = after(bad, told({ type: 'seat', call: 'x', seat: seat('left') }));
  assert.deepEqual([left.call?.speakers, left.call?.quality], [['c'], {}]);
});

test('a paused picture goes on when the server says so, and with whoever comes into its slot next', () => {
  const still = after(IN_CALL, slot('5', 'b'), slot('6', 'c'), paused('5'), paused('6'));
  assert.deepEqual(still.call?.paused, { 5: true, 6: true });
  assert.deepEqual(after(still, paused('5', false)).call?.paused, { 6: true });
  assert.deepEqual(after(still, slot('6', 'b')).call?.paused, { 5: true });
  assert.deepEqual(after(still, slot('6', 'c')).call?.paused, { 5: true, 6: true });
});

test('pauses of another media connection count once it has taken over', () => {
  const still = after(IN_CALL, slot('5', 'b'), paused('5'));
  const coming = after(still, renewing(true), slot('6', 'b'), paused('6'));
  assert.deepEqual(coming.call?.paused, { 5: true });
  assert.deepEqual(after(coming, JOINED).call?.paused, { 6: true });
  assert.deepEqual(after(still, renewing(true), JOINED).call?.paused, {});
  assert.deepEqual(after(still, renewing(true), renewing(false)).call?.paused, { 5: true });
});

test('what another media connection is told before its reply stays', () => {
  const { call } = after(IN_CALL, speakers(['b']), quality('b', 'poor'), renewing(true), speakers(['c']), quality('c', 'fair'), JOINED);
  assert.deepEqual([call?.speakers, call?.quality], [['c'], { c: 'fair' }]);
});

test('who took the sharing over is known until this device shares again', () => {
  const taken = after(IN_CALL, own(true), told({ type: 'screen_taken', call: 'x', by: 'b' }), own(false));
  assert.equal(taken.call?.screenTakenBy, 'b');
  assert.equal(after(taken, own(true)).call?.screenTakenBy, null);
});

test('who has stopped sharing is not told that they were taken over', () => {
  const stopped = after(IN_CALL, own(true), own(false), told({ type: 'screen_taken', call: 'x', by: 'b' }));
  assert.equal(stopped.call?.screenTakenBy, null);
});

test('a call that is over speaks of nobody', () => {
  const over = after(IN_CALL, speakers(['b']), quality('b', 'poor'), paused('5'), told({ type: 'call_ended', call: 'x', reason: 'hung_up', duration_ms: 1 }));
  assert.deepEqual([over.call?.speakers, over.call?.quality, over.call?.paused], [[], {}, {}]);
});
