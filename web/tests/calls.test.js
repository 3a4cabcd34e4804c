import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isRunning } from '../app/js/state/call.js';
import { activeElsewhere, elsewhere } from '../app/js/state/calls.js';
import { toneOf } from '../app/js/state/sounds.js';
import { INITIAL, reduce } from '../app/js/state/state.js';
import { seatWords, statusKey, statusWords } from '../app/js/state/words.js';

/** @import { MyCall, Seat, SeatState, ServerEvent } from '../app/js/protocol.js' */
/** @import { Action, State } from '../app/js/state/state.js' */

const ME = { id: 'a', name: 'Anna', phone: '+79001234567' };
const BORIS = { id: 'b', name: 'Boris' };
const CLARA = { id: 'c', name: 'Clara' };

/** @param {State} state @param {...Action} actions */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @param {ServerEvent} event @param {number} [now] @returns {Action} */
const told = (event, now = 0) => ({ type: 'server', event, now });
/** @param {typeof BORIS} person @param {SeatState} state @param {number} [ringing] @returns {Seat} */
const seat = (person, state, ringing = 0) => ({ person, state, media: { microphone: true, camera: false, screen: false }, ringing_on: ringing });
/** @param {number} key @param {string} id @param {typeof BORIS} person @param {SeatState} [state] @returns {Action[]} */
const inCall = (key, id, person, state = 'active') => [
  { type: 'call_started', key, id: null, direction: 'outgoing', kind: 'audio', me: 'a', people: [person] },
  { type: 'call_offered', key },
  { type: 'call_joined', key, id, seats: [seat(person, state, 1)], now: 0 },
  { type: 'call_media', key, media: 'up', now: 0 },
];
const HOME = after(INITIAL, { type: 'logged_in', me: ME });
/** @type {Action} */
const HELD = { type: 'call_held', key: 1, held: true };
const TWO = after(HOME, ...inCall(1, 'x', BORIS), HELD, ...inCall(2, 'y', CLARA));
/** @param {Partial<MyCall>} some @returns {MyCall} */
const mine = (some) => ({ call: 'x', kind: 'audio', caller: BORIS, people: [BORIS], state: 'active', here: false, ...some });
const rings = told({ type: 'incoming_call', call: 'r', kind: 'audio', from: CLARA, others: [], rings_for_ms: 45_000, waiting: true, blocked: ['c'] });

test('another call takes the screen and the one on hold waits behind it', () => {
  assert.deepEqual([TWO.call?.id, TWO.held.map(({ id }) => id)], ['y', ['x']]);
  const swapped = after(TWO, { type: 'call_shown', key: 1 });
  assert.deepEqual([swapped.call?.id, swapped.held.map(({ id }) => id)], ['x', ['y']]);
});

test('what is told of a call on hold reaches it and not the one on the screen', () => {
  const changed = after(TWO, told({ type: 'seat', call: 'x', seat: seat(BORIS, 'reconnecting') }));
  assert.equal(changed.held[0]?.seats[0]?.state, 'reconnecting');
  assert.equal(changed.call, TWO.call);
});

test('what is told of a call on hold is not kept for one that has no name yet', () => {
  const placing = after(HOME, ...inCall(1, 'x', BORIS), HELD, ...inCall(2, 'y', CLARA).slice(0, 2));
  const changed = after(placing, told({ type: 'seat', call: 'x', seat: seat(BORIS, 'left') }));
  assert.deepEqual(changed.call?.early, []);
});

test('a call on hold that ends leaves word, and the one on the screen goes on', () => {
  const ended = after(TWO, told({ type: 'call_ended', call: 'x', reason: 'hung_up', duration_ms: 5 }));
  assert.deepEqual(ended.held, []);
  assert.deepEqual(ended.toasts.map(({ key, values }) => [key, values]), [['held.ended', { name: 'Boris' }]]);
  assert.ok(isRunning(ended.call));
});

test('a call left for another one goes without words', () => {
  const left = after(TWO, { type: 'call_over', key: 1, reason: 'took_another', now: 0 });
  assert.deepEqual([left.held, left.toasts], [[], []]);
});

test('when the closing words go, the call on hold is on the screen again', () => {
  const ended = after(TWO, told({ type: 'call_ended', call: 'y', reason: 'hung_up', duration_ms: 5 }));
  assert.equal(ended.call?.id, 'y');
  const back = after(ended, { type: 'call_dismissed', key: 2 });
  assert.deepEqual([back.call?.id, back.call?.held, back.held], ['x', true, []]);
});

test('a call moved away says where it went', () => {
  const moved = after(HOME, ...inCall(1, 'x', BORIS), told({ type: 'call_left', call: 'x', why: 'moved', device: 'Firefox, Linux' }));
  assert.deepEqual([moved.call?.ending?.reason, moved.call?.ending?.device], ['moved', 'Firefox, Linux']);
  const lost = after(HOME, ...inCall(1, 'x', BORIS), told({ type: 'call_left', call: 'x', why: 'connection_lost' }));
  assert.equal(lost.call?.ending?.reason, 'left_lost');
});

test('a call is offered to be taken here only while this page is not in it', () => {
  const there = told({ type: 'my_calls', calls: [mine({ device: 'Firefox, Linux' }), mine({ call: 'z', state: 'left' })] });
  assert.deepEqual(elsewhere(after(HOME, there)).map(({ call }) => call), ['x', 'z']);
  const here = after(HOME, ...inCall(1, 'x', BORIS), there);
  assert.deepEqual(elsewhere(here).map(({ call }) => call), ['z']);
  const ended = after(here, { type: 'call_over', key: 1, reason: 'hung_up', now: 0 });
  assert.deepEqual(elsewhere(ended).map(({ call }) => call), ['x', 'z']);
});

test('a call here that was held by another device of mine is on hold here too', () => {
  const active = after(HOME, ...inCall(1, 'x', BORIS));
  const held = after(active, told({ type: 'my_calls', calls: [mine({ here: true, state: 'held' })] }));
  assert.equal(held.call?.held, true);
  assert.equal(after(held, told({ type: 'my_calls', calls: [mine({ here: true })] })).call?.held, false);
  assert.equal(after(active, told({ type: 'my_calls', calls: [mine({ here: false, state: 'held' })] })).call?.held, false);
});

test('a call that rings says whether it waits and whom I have blocked', () => {
  const [incoming] = after(HOME, rings, rings).ringing;
  assert.deepEqual([incoming?.waiting, incoming?.blocked], [true, ['c']]);
});

test('a call that has ended here rings again although its closing words are still on the screen', () => {
  const ended = after(HOME, ...inCall(1, 'r', CLARA), { type: 'call_over', key: 1, reason: 'hung_up', now: 0 });
  assert.deepEqual(after(ended, rings).ringing.map(({ call }) => call), ['r']);
  assert.deepEqual(after(HOME, ...inCall(1, 'r', CLARA), rings).ringing, []);
});

test('a call elsewhere has to make way unless it is held or the very one that is taken', () => {
  const there = (/** @type {Partial<MyCall>} */ some) => after(HOME, told({ type: 'my_calls', calls: [mine(some)] }));
  assert.ok(activeElsewhere(there({})));
  assert.ok(!activeElsewhere(there({}), 'x'));
  assert.ok(!activeElsewhere(there({ state: 'held' })));
  assert.ok(!activeElsewhere(there({ here: true })));
});

test('the caller hears a ringback only while a phone really rings, and busy when it is', () => {
  assert.equal(toneOf(after(HOME, ...inCall(1, 'x', BORIS, 'invited'))), 'none');
  assert.equal(toneOf(after(HOME, ...inCall(1, 'x', BORIS, 'ringing'))), 'ringback');
  assert.equal(toneOf(after(HOME, ...inCall(1, 'x', BORIS))), 'none');
  const busy = after(HOME, ...inCall(1, 'x', BORIS, 'invited'), told({ type: 'call_ended', call: 'x', reason: 'busy', duration_ms: 0 }));
  assert.equal(toneOf(busy), 'busy');
});

test('a call rings aloud at home and knocks softly within a call', () => {
  assert.equal(toneOf(after(HOME, rings)), 'incoming');
  assert.equal(toneOf(after(HOME, ...inCall(1, 'x', BORIS), rings)), 'waiting');
  assert.equal(toneOf(after(HOME, ...inCall(1, 'x', BORIS), HELD, rings)), 'incoming');
});

test('on how many devices it rings is said from two on', () => {
  assert.deepEqual(seatWords('ringing', 1), { key: 'seat.ringing', values: {} });
  assert.deepEqual(seatWords('ringing', 2), { key: 'seat.ringing_on', values: { count: 2 } });
  assert.deepEqual(seatWords('busy', 0), { key: 'seat.busy', values: {} });
  const { call } = after(HOME, ...inCall(1, 'x', BORIS, 'ringing'), told({ type: 'seat', call: 'x', seat: seat(BORIS, 'ringing', 3) }));
  assert.ok(call);
  assert.deepEqual(statusWords(call), { key: 'seat.ringing_on', values: { count: 3 } });
});

test('a call says who holds it, who is reconnecting, and when the server is out of reach', () => {
  const status = (/** @type {State} */ { call }, /** @type {State['link']} */ link = 'online') => call && statusKey(call, link);
  const active = after(HOME, ...inCall(1, 'x', BORIS));
  assert.equal(status(active), 'call.in_call');
  assert.equal(status(active, 'lost'), 'call.link_lost');
  assert.equal(status(after(active, HELD)), 'call.held');
  assert.equal(status(after(active, told({ type: 'seat', call: 'x', seat: seat(BORIS, 'held') }))), 'call.they_hold');
  assert.equal(status(after(active, told({ type: 'seat', call: 'x', seat: seat(BORIS, 'reconnecting') }))), 'call.they_reconnect');
});

test('after a connection that could not be resumed it reconnects until its media is there, and its clock runs on', () => {
  const status = (/** @type {State} */ { call }) => call && statusKey(call, 'online');
  const welcome = told({ type: 'welcome', device: 'd', user: ME, online: [] }, 9);
  const lost = after(HOME, ...inCall(1, 'x', BORIS), welcome);
  assert.equal(status(lost), 'call.link_lost');
  const renewed = after(lost, { type: 'call_renewing', key: 1, on: true }, { type: 'call_joined', key: 1, id: 'x', seats: [seat(BORIS, 'active')], now: 9 });
  assert.equal(status(renewed), 'call.link_lost');
  const back = after(renewed, { type: 'call_media', key: 1, media: 'up', now: 9 });
  assert.equal(status(back), 'call.in_call');
  assert.deepEqual([back.call?.answeredAt, back.call?.startedAt], [0, 0]);
  const early = after(HOME, ...inCall(1, 'x', BORIS).slice(0, -1), welcome);
  assert.equal(status(early), 'call.connecting');
});

test('people who come into a running call are among its people from then on', () => {
  const grown = after(HOME, ...inCall(1, 'x', BORIS), told({ type: 'seat', call: 'x', seat: seat(CLARA, 'ringing') }));
  assert.deepEqual(grown.call?.people.map(({ id }) => id), ['b', 'c']);
});

test('the slots of a new media connection take over only once it is there', () => {
  const slot = (/** @type {string} */ mid, /** @type {string} */ user) => told({ type: 'slot', call: 'x', mid, source: { user, track: 'camera' } });
  const renewing = after(HOME, ...inCall(1, 'x', BORIS), slot('5', 'b'), { type: 'call_renewing', key: 1, on: true }, slot('7', 'b'));
  assert.deepEqual(Object.keys(renewing.call?.slots ?? {}), ['5']);
  const renewed = after(renewing, { type: 'call_joined', key: 1, id: 'x', seats: [seat(BORIS, 'active')], now: 9 });
  assert.deepEqual(Object.keys(renewed.call?.slots ?? {}), ['7']);
  assert.equal(renewed.call?.phase, 'active');
});

test('who joins a call that has run for a while sees its real length', () => {
  const joined = after(
    HOME,
    { type: 'call_started', key: 1, id: 'x', direction: 'joined', kind: 'audio', me: 'a', people: [BORIS] },
    { type: 'call_joined', key: 1, id: 'x', seats: [seat(BORIS, 'active')], now: 10_000, answeredAt: 4000 },
    { type: 'call_media', key: 1, media: 'up', now: 10_100 },
  );
  assert.equal(joined.call?.startedAt, 4000);
});
