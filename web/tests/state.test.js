import assert from 'node:assert/strict';
import { test } from 'node:test';

import { relation } from '../app/js/state/people.js';
import { INITIAL, reduce } from '../app/js/state/state.js';
import { Store } from '../app/js/state/store.js';

/** @import { ServerEvent, RingStop } from '../app/js/protocol.js' */
/** @import { People } from '../app/js/state/people.js' */
/** @import { Action, State } from '../app/js/state/state.js' */

const ME = { id: 'a', name: 'Anna', phone: '+79001234567' };
const BORIS = { id: 'b', name: 'Boris', phone: '+79007654321' };

/** @param {State} state @param {...Action} actions */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @param {ServerEvent} event @returns {Action} */
const told = (event) => ({ type: 'server', event, now: 0 });
const HOME = after(INITIAL, { type: 'logged_in', me: ME }, told({ type: 'welcome', device: 'd', user: ME, online: [] }));
const RINGS = told({ type: 'incoming_call', call: 'x', kind: 'audio', from: BORIS, others: [], rings_for_ms: 45_000 });
/** @param {RingStop} why */
const stopped = (why) => told({ type: 'ringing_stopped', call: 'x', why });

test('presence follows the events, outlives a short break and is forgotten with the device', () => {
  const online = after(HOME, told({ type: 'presence', user: 'b', online: true }));
  assert.ok(online.online.has('b'));
  assert.ok(!after(online, told({ type: 'presence', user: 'b', online: false })).online.has('b'));
  assert.equal(after(online, { type: 'link', link: 'lost' }, told({ type: 'resumed' })).online.size, 1);
  assert.equal(after(online, { type: 'device_forgotten' }).online.size, 0);
});

test('what somebody is to me follows the lists', () => {
  /** @type {People} */
  const lists = { contacts: [], incoming: [], outgoing: [] };
  /** @param {Partial<People>} some */
  const withPeople = (some) => after(HOME, { type: 'people', people: { ...lists, ...some } });
  assert.equal(relation(HOME, 'a'), 'self');
  assert.equal(relation(withPeople({}), 'b'), 'none');
  assert.equal(relation(withPeople({ contacts: [BORIS] }), 'b'), 'contact');
  assert.equal(relation(withPeople({ outgoing: [BORIS] }), 'b'), 'invited');
  assert.equal(relation(withPeople({ incoming: [BORIS] }), 'b'), 'invited_you');
});

test('a call that stops ringing leaves word of who called', () => {
  const ringing = after(HOME, RINGS, RINGS);
  assert.equal(ringing.ringing.length, 1);
  const missed = after(ringing, stopped('missed'));
  assert.deepEqual(missed.ringing, []);
  assert.deepEqual(missed.toasts.map(({ key, values }) => [key, values]), [['incoming.missed', { name: 'Boris' }]]);
  assert.deepEqual(after(ringing, stopped('ended')).toasts.map(({ key }) => key), ['incoming.ended']);
});

test('a call this device answered stops ringing without words', () => {
  const answered = after(HOME, RINGS, { type: 'answered', call: 'x' }, stopped('ended'));
  assert.deepEqual([answered.ringing, answered.toasts], [[], []]);
});

test('what rings goes on ringing over a short break, and is gone with the device', () => {
  assert.equal(after(HOME, RINGS, { type: 'link', link: 'lost' }, told({ type: 'resumed' })).ringing.length, 1);
  assert.deepEqual(after(HOME, RINGS, { type: 'device_forgotten' }).ringing, []);
});

test('where a call was answered or declined is told by the name of the device', () => {
  const answered = after(HOME, RINGS, told({ type: 'ringing_stopped', call: 'x', why: 'answered_elsewhere', device: 'Firefox, Linux' }));
  assert.deepEqual(answered.toasts.map(({ key, values }) => [key, values]), [['incoming.answered_on', { device: 'Firefox, Linux' }]]);
  assert.deepEqual(after(HOME, RINGS, stopped('declined_elsewhere')).toasts.map(({ key }) => key), ['incoming.declined_elsewhere']);
});

test('where a call was answered is said no more once the call was moved here', () => {
  const told = after(HOME, RINGS, stopped('answered_elsewhere'));
  /** @type {(id: string | null) => Action} */
  const started = (id) => ({ type: 'call_started', key: 1, id, direction: 'joined', kind: 'audio', me: 'a', people: [BORIS] });
  assert.deepEqual(after(told, started('x')).toasts, []);
  assert.equal(after(told, started('y')).toasts.length, 1);
  assert.equal(after(told, started(null)).toasts.length, 1);
});

test('logging out leaves nothing of the person behind', () => {
  /** @type {Action} */
  const loaded = { type: 'people', people: { contacts: [BORIS], incoming: [], outgoing: [] } };
  const out = after(HOME, RINGS, loaded, { type: 'logged_out', thrownOut: true });
  assert.deepEqual({ ...out, nextToast: 1 }, { ...INITIAL, account: 'out', thrownOut: true });
});

test('a listener that dispatches does not make a later one see an old state', () => {
  const store = new Store(INITIAL, reduce);
  /** @type {string[]} */
  const seen = [];
  store.subscribe(({ account }) => {
    if (account === 'in') store.dispatch({ type: 'logged_out', thrownOut: false });
  });
  store.subscribe(({ account }) => seen.push(account));
  store.dispatch({ type: 'logged_in', me: ME });
  assert.deepEqual(seen, ['out', 'out']);
});
