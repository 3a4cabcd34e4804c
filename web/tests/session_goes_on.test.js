import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SignalError } from '../app/js/signal/error.js';
import { ACCEPTED, bench, DONE, makePeer, newSession, placed, requests, settle } from './session_bench.js';

test('media that breaks is connected anew and sends what is on, and nobody is rung', async () => {
  const session = newSession();
  await placed(session);
  session.flow();
  await settle();
  bench.peer = [];
  bench.peerState('failed');
  await settle();
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'join', call: 'x', offer: { sdp: 'v=0', tracks: [] } });
  bench.asked.at(-1)?.answer({ type: 'joined', call: 'x', kind: 'video', answer: 'v=0', seats: [] });
  await settle();
  assert.deepEqual(bench.peer, ['answer', 'microphone on', 'camera on', 'close']);
  assert.equal(requests().at(-1), 'set_media');
  assert.ok(!bench.actions.some(({ type }) => type === 'call_over'));
});

test('people who come in are given room once it lacks, those who come meanwhile too, and nobody past the most', async () => {
  const session = newSession();
  await placed(session);
  const joins = () => requests().filter((type) => type === 'join').length;
  const connected = async () => {
    bench.asked.findLast(({ request }) => request.type === 'join')?.answer({ type: 'joined', call: 'x', kind: 'video', answer: 'v=0', seats: [] });
    await settle();
  };
  session.makeRoom(3);
  await settle();
  assert.equal(joins(), 0);
  session.makeRoom(4);
  await settle();
  session.makeRoom(9);
  await settle();
  assert.equal(joins(), 1);
  await connected();
  assert.equal(joins(), 2);
  await connected();
  session.makeRoom(200);
  await settle();
  assert.equal(joins(), 2);
});

test('a seat that is gone when media is to be connected anew ends the call', async () => {
  const session = newSession();
  await placed(session);
  session.renew();
  await settle();
  bench.asked.at(-1)?.answer(new SignalError('call_over'));
  await settle();
  assert.deepEqual(bench.actions.at(-1), { type: 'call_over', key: 1, reason: null, code: 'call_over', now: 0 });
});

test('a call connected ahead is accepted without another offer', async () => {
  const session = newSession();
  session.accept('x', { ready: { peer: makePeer(), warm: Promise.resolve(true) } });
  await settle();
  assert.deepEqual(bench.asked[0]?.request, { type: 'accept', call: 'x' });
  bench.asked[0]?.answer({ type: 'accepted', call: 'x', seats: [] });
  await settle();
  assert.deepEqual(bench.peer.toSorted(), ['camera on', 'microphone on']);
});

test('a connection made ahead that the server has lost is made again with the accept', async () => {
  const session = newSession();
  session.accept('x', { ready: { peer: makePeer(), warm: Promise.resolve(true) } });
  await settle();
  bench.asked[0]?.answer(new SignalError('no_offer'));
  await settle();
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'accept', call: 'x', offer: { sdp: 'v=0', tracks: [] } });
  bench.asked.at(-1)?.answer(ACCEPTED);
  await settle();
  assert.ok(bench.peer.includes('answer') && bench.peer.at(-1)?.endsWith('on'));
});

test('a call that goes on from another device is joined with an offer, and what becomes of another one is said', async () => {
  const session = newSession();
  session.join('x', 'hold');
  await settle();
  assert.deepEqual(bench.asked[0]?.request, { type: 'join', call: 'x', offer: { sdp: 'v=0', tracks: [] }, current: 'hold' });
  bench.asked[0]?.answer({ type: 'joined', call: 'x', kind: 'video', answer: 'v=0', answered_ms_ago: 5000, seats: [] });
  await settle();
  assert.ok(bench.actions.some((action) => action.type === 'call_joined' && action.answeredAt === -5000));
});

test('a held call sends nothing until it is resumed', async () => {
  const session = newSession();
  await placed(session);
  session.flow();
  await settle();
  session.hold();
  await settle();
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'hold', call: 'x' });
  assert.ok(bench.tracks.every(({ stopped }) => stopped));
  bench.asked.at(-1)?.answer(DONE);
  await settle();
  assert.deepEqual(bench.actions.at(-1), { type: 'call_held', key: 1, held: true });
  session.unhold('leave');
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'unhold', call: 'x', current: 'leave' });
  bench.asked.at(-1)?.answer(DONE);
  await settle();
  assert.ok(bench.actions.some((action) => action.type === 'call_held' && !action.held));
  assert.deepEqual(bench.peer.slice(-2).sort(), ['camera on', 'microphone on']);
});

test('a held call whose media the server has lost is connected anew before it goes on, and what becomes of another one is said with that', async () => {
  const session = newSession();
  await placed(session);
  await session.quiet();
  session.unhold('hold');
  bench.asked.at(-1)?.answer(new SignalError('no_offer'));
  await settle();
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'join', call: 'x', offer: { sdp: 'v=0', tracks: [] } });
  bench.asked.at(-1)?.answer({ type: 'joined', call: 'x', kind: 'video', answer: 'v=0', seats: [] });
  await settle();
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'unhold', call: 'x', current: 'hold' });
  assert.ok(!bench.actions.some(({ type }) => type === 'call_held'));
  bench.asked.at(-1)?.answer(DONE);
  await settle();
  assert.ok(bench.actions.some((action) => action.type === 'call_held' && !action.held));
});

test('nothing is reported of a call that is being put on hold', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const session = newSession();
  await placed(session);
  session.flow();
  t.mock.timers.tick(5000);
  assert.equal(bench.peer.filter((what) => what === 'stats').length, 1);
  await session.quiet();
  session.flow();
  t.mock.timers.tick(5000);
  assert.equal(bench.peer.filter((what) => what === 'stats').length, 1);
});

test('a hold that is refused goes on as before', async () => {
  const session = newSession();
  await placed(session);
  session.flow();
  session.hold();
  await settle();
  bench.asked.at(-1)?.answer(new SignalError('wrong_state'));
  await settle();
  assert.deepEqual(bench.peer.slice(-2).sort(), ['camera on', 'microphone on']);
  assert.ok(!bench.actions.some(({ type }) => type === 'call_held'));
});

test('a call whose connection could not be made ahead is accepted with an offer', async () => {
  newSession().accept('x', { ready: { peer: makePeer(), warm: Promise.resolve(false) } });
  await settle();
  assert.deepEqual(bench.asked[0]?.request, { type: 'accept', call: 'x', offer: { sdp: 'v=0', tracks: [] } });
});
