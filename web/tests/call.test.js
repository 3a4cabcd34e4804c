import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isRunning, reduceCall, slotOf, waitingFor } from '../app/js/state/call.js';
import { tilesOf } from '../app/js/state/tiles.js';
import { endingKey, goingOnWithout, problemKeys, statusKey } from '../app/js/state/words.js';

/** @import { Call, CallAction, CallEvent } from '../app/js/state/call.js' */
/** @import { MediaState, MyCall, Seat, SeatState } from '../app/js/protocol.js' */

const ANNA = { id: 'a', name: 'Anna' };
const BORIS = { id: 'b', name: 'Boris' };
const CLARA = { id: 'c', name: 'Clara' };
const ALL = { microphone: true, camera: true, screen: false };

/** @param {typeof ANNA} person @param {SeatState} state @param {Partial<MediaState>} [media] @returns {Seat} */
const seat = (person, state, media = {}) => ({ person, state, media: { ...ALL, ...media } });
/** @param {Call | null} call @param {...CallAction} actions */
const after = (call, ...actions) => actions.reduce(reduceCall, call);
/** @param {CallEvent} event @param {number} [now] @returns {CallAction} */
const told = (event, now = 0) => ({ type: 'call_event', event, now });
/** @param {Seat} of @param {number} [now] */
const toldSeat = (of, now) => told({ type: 'seat', call: 'x', seat: of }, now);

/** @param {Person[]} [people] @returns {Call} */
function placed(people = [BORIS]) {
  const call = after(
    null,
    { type: 'call_started', key: 1, id: null, direction: 'outgoing', kind: 'video', me: 'a', people },
    { type: 'call_offered', key: 1 },
    { type: 'call_joined', key: 1, id: 'x', seats: [seat(ANNA, 'active'), ...people.map((person) => seat(person, 'invited'))], now: 0 },
  );
  assert.ok(call);
  return call;
}
/** @typedef {typeof ANNA} Person */

test('an outgoing call says calling, then ringing, then is active from the first answer on', () => {
  const call = placed();
  assert.equal(waitingFor(call), 'calling');
  assert.equal(statusKey(call), 'call.calling');
  const ringing = after(call, toldSeat(seat(BORIS, 'ringing'), 5));
  assert.ok(ringing);
  assert.equal(statusKey(ringing), 'call.ringing');
  const active = after(ringing, toldSeat(seat(BORIS, 'active'), 10), toldSeat(seat(BORIS, 'active', { microphone: false }), 99));
  assert.equal(active?.phase, 'active');
  assert.equal(active?.answeredAt, 10);
});

test('the clock of a call runs once it is answered and media is connected, whichever comes last', () => {
  const answer = toldSeat(seat(BORIS, 'active'), 10);
  const mediaLast = after(placed(), answer);
  assert.ok(mediaLast);
  assert.equal(mediaLast.startedAt, null);
  assert.equal(statusKey(mediaLast), 'call.connecting');
  assert.equal(after(mediaLast, { type: 'call_media', key: 1, media: 'up', now: 25 })?.startedAt, 25);
  assert.equal(after(mediaLast, told({ type: 'media_connected', call: 'x' }, 30))?.startedAt, 30);
  const answerLast = after(placed(), { type: 'call_media', key: 1, media: 'up', now: 5 }, answer);
  assert.equal(answerLast?.startedAt, 10);
  assert.equal(after(answerLast, { type: 'call_media', key: 1, media: 'interrupted', now: 40 })?.startedAt, 10);
});

test('a call the other gave up for want of media is told as that, and one hung up soon is not', () => {
  const waiting = after(placed(), toldSeat(seat(BORIS, 'active'), 1000));
  /** @param {number} now */
  const ended = (now) => told({ type: 'call_ended', call: 'x', reason: 'hung_up', duration_ms: 0 }, now);
  assert.equal(after(waiting, ended(12_900))?.ending?.reason, 'media_failed');
  assert.equal(after(waiting, ended(2000))?.ending?.reason, 'hung_up');
  assert.equal(after(waiting, { type: 'call_media', key: 1, media: 'up', now: 1100 }, ended(12_900))?.ending?.reason, 'hung_up');
});

test('events that overtake the reply to place are kept and count', () => {
  const call = after(
    null,
    { type: 'call_started', key: 1, id: null, direction: 'outgoing', kind: 'audio', me: 'a', people: [BORIS] },
    { type: 'call_offered', key: 1 },
    toldSeat(seat(BORIS, 'active')),
    told({ type: 'slot', call: 'x', mid: '2', source: { user: 'b', track: 'microphone' } }),
    told({ type: 'slot', call: 'of another call', mid: '3', source: { user: 'c', track: 'camera' } }),
    { type: 'call_joined', key: 1, id: 'x', seats: [seat(ANNA, 'active'), seat(BORIS, 'ringing')], now: 7 },
  );
  assert.ok(call);
  assert.equal(call.phase, 'active');
  assert.equal(call.answeredAt, 7);
  assert.equal(slotOf(call, 'b', 'microphone'), '2');
  assert.deepEqual(Object.keys(call.slots), ['2']);
});

test('a call that ended before the reply came is over when it comes', () => {
  const call = after(
    null,
    { type: 'call_started', key: 1, id: null, direction: 'outgoing', kind: 'audio', me: 'a', people: [BORIS] },
    told({ type: 'call_ended', call: 'x', reason: 'unreachable', duration_ms: 0 }),
    { type: 'call_joined', key: 1, id: 'x', seats: [seat(BORIS, 'unreachable')], now: 7 },
  );
  assert.equal(call?.phase, 'ended');
  assert.equal(call?.ending?.reason, 'unreachable');
});

test('who accepts is in a running call at once', () => {
  const call = after(
    null,
    { type: 'call_started', key: 2, id: 'x', direction: 'incoming', kind: 'video', me: 'b', people: [ANNA] },
    { type: 'call_joined', key: 2, id: 'x', seats: [seat(ANNA, 'active'), seat(BORIS, 'active')], now: 3 },
  );
  assert.equal(call?.phase, 'active');
  assert.equal(call?.answeredAt, 3);
  assert.deepEqual(call?.seats.map(({ person }) => person.id), ['a']);
});

test('a rebound slot carries the new source and an emptied one nothing', () => {
  const slot = { type: /** @type {const} */ ('slot'), call: 'x', mid: '3' };
  const bound = after(placed(), told({ ...slot, source: { user: 'b', track: 'camera' } }));
  assert.ok(bound);
  assert.equal(slotOf(bound, 'b', 'camera'), '3');
  const rebound = after(bound, told({ ...slot, source: { user: 'c', track: 'camera' } }));
  assert.ok(rebound);
  assert.equal(slotOf(rebound, 'b', 'camera'), null);
  assert.equal(slotOf(rebound, 'c', 'camera'), '3');
  assert.deepEqual(after(rebound, told({ ...slot, source: null }))?.slots, {});
});

test('what is told of another call changes nothing', () => {
  const call = placed();
  assert.equal(after(call, told({ type: 'call_ended', call: 'y', reason: 'hung_up', duration_ms: 0 })), call);
  assert.equal(after(call, { type: 'call_over', key: 99, reason: 'hung_up', now: 0 }), call);
});

test('the first end of a call stands, and its own clock tells how long it lasted', () => {
  const active = after(placed(), told({ type: 'media_connected', call: 'x' }), toldSeat(seat(BORIS, 'active'), 1000));
  const ended = after(active, { type: 'call_over', key: 1, reason: 'hung_up', now: 3500 });
  assert.deepEqual(ended?.ending, { reason: 'hung_up', code: null, durationMs: 2500, device: null });
  assert.equal(isRunning(ended), false);
  assert.equal(after(ended, told({ type: 'call_ended', call: 'x', reason: 'connection_lost', duration_ms: 1 })), ended);
  assert.equal(after(ended, { type: 'call_dismissed', key: 1 }), null);
});

test('a picture is shown only of who is active, has the camera on and is in a slot', () => {
  const slot = told({ type: 'slot', call: 'x', mid: '3', source: { user: 'b', track: 'camera' } });
  const mids = (/** @type {Call | null} */ call) => (call ? tilesOf(call).map(({ mid }) => mid) : []);
  assert.deepEqual(mids(after(placed(), slot)), [null]);
  assert.deepEqual(mids(after(placed(), slot, toldSeat(seat(BORIS, 'active')))), ['3']);
  assert.deepEqual(mids(after(placed(), slot, toldSeat(seat(BORIS, 'active', { camera: false })))), [null]);
});

test('in a group those who ring are shown with words and those who declined are gone', () => {
  const call = after(placed([BORIS, CLARA]), toldSeat(seat(BORIS, 'active', { microphone: false })), toldSeat(seat(CLARA, 'ringing')));
  assert.ok(call);
  assert.deepEqual(
    tilesOf(call).map(({ key, muted, state }) => ({ key, muted, state })),
    [
      { key: 'b', muted: true, state: null },
      { key: 'c', muted: false, state: 'ringing' },
    ],
  );
  const without = after(call, toldSeat(seat(CLARA, 'declined')));
  assert.deepEqual(without ? tilesOf(without).map(({ key }) => key) : [], ['b']);
});

test('a shared screen has a tile of its own', () => {
  const call = after(
    placed(),
    toldSeat(seat(BORIS, 'active', { screen: true, camera: false })),
    told({ type: 'slot', call: 'x', mid: '4', source: { user: 'b', track: 'screen' } }),
  );
  assert.deepEqual(call ? tilesOf(call).map(({ shows, mid }) => [shows, mid]) : [], [['screen', '4'], ['person', null]]);
});

test('a group is spoken of as a group', () => {
  assert.equal(endingKey('declined', 1), 'end.declined');
  assert.equal(endingKey('declined', 2), 'end.declined_group');
  assert.equal(endingKey('missed', 2), 'end.missed');
});

test('two devices with the same trouble are one sentence, with different troubles two', () => {
  assert.deepEqual(problemKeys({ microphone: null, camera: null }), []);
  assert.deepEqual(problemKeys({ microphone: 'refused', camera: 'refused' }), ['device.both.refused']);
  assert.deepEqual(problemKeys({ microphone: 'missing', camera: 'refused' }), ['device.microphone.missing', 'device.camera.refused']);
});

test('a call one left and that goes on can be come back to, and no other', () => {
  const left = after(placed([BORIS, CLARA]), { type: 'call_over', key: 1, reason: 'hung_up', now: 0 });
  assert.ok(left);
  /** @type {(some?: Partial<MyCall>) => MyCall} */
  const mine = (some) => ({ call: 'x', kind: 'video', caller: ANNA, people: [BORIS, CLARA], state: 'left', here: false, ...some });
  assert.deepEqual(goingOnWithout(left, [mine({ call: 'y' }), mine()]), mine());
  assert.equal(goingOnWithout(left, []), null);
  assert.equal(goingOnWithout(left, [mine({ state: 'active' })]), null);
  assert.equal(goingOnWithout({ ...left, phase: 'active' }, [mine()]), null);
});
