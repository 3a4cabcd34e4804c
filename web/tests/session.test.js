import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SignalError } from '../app/js/signal/error.js';
import { ACCEPTED, bench, DONE, HANG_UP, newSession, PLACED, placed, requests, settle } from './session_bench.js';

test('placing opens the devices first, then calls, then says what is on, and sends nothing until somebody is there', async () => {
  const session = newSession();
  await placed(session);
  assert.deepEqual(requests(), ['place', 'set_media']);
  assert.equal(bench.tracks.length, 2);
  assert.deepEqual(bench.peer, ['answer']);
  session.flow();
  await settle();
  assert.deepEqual(bench.peer, ['answer', 'microphone on', 'camera on']);
  assert.deepEqual(bench.asked[1]?.request, { type: 'set_media', call: 'x', media: { microphone: true, camera: true, screen: false } });
});

test('accepting does not wait for the devices, and placing does', async () => {
  bench.asking = true;
  newSession().place();
  await settle();
  assert.deepEqual(requests(), []);
  newSession().accept('x');
  await settle();
  assert.deepEqual(requests(), ['accept']);
});

test('hanging up while the server places the call takes it back as soon as it has a name', async () => {
  const session = newSession();
  session.place();
  await settle();
  session.leave(false, true);
  assert.deepEqual(requests(), ['place']);
  bench.asked[0]?.answer(PLACED);
  await settle();
  assert.deepEqual(requests(), ['place', 'hang_up']);
  assert.deepEqual(bench.asked[1]?.request, HANG_UP);
  assert.ok(!bench.actions.some(({ type }) => type === 'call_joined'));
});

test('hanging up while the browser asks for the camera never calls anybody', async () => {
  const session = newSession();
  session.place();
  session.leave(false, true);
  await settle();
  assert.deepEqual(requests(), []);
  assert.ok(bench.tracks.length > 0 && bench.tracks.every(({ stopped }) => stopped));
});

test('hanging up right after accepting declines what was not yet accepted, and leaves what was', async () => {
  const early = newSession();
  early.accept('x');
  early.leave(false, false);
  await settle();
  assert.deepEqual(requests(), ['decline']);
  const late = newSession();
  late.accept('y');
  await settle();
  late.leave(false, false);
  assert.deepEqual(requests(), ['decline', 'accept', 'hang_up']);
});

for (const refusal of ['wrong_state', 'unknown_call']) {
  test(`a hang-up refused with ${refusal}, since the call was still being accepted, is said again once it is`, async () => {
    const session = newSession();
    session.accept('x');
    await settle();
    session.leave(false, false);
    bench.asked[1]?.answer(new SignalError(refusal));
    await settle();
    bench.asked[0]?.answer(ACCEPTED);
    await settle();
    assert.deepEqual(requests(), ['accept', 'hang_up', 'hang_up']);
    assert.deepEqual(bench.asked[2]?.request, HANG_UP);
    bench.asked[2]?.answer(new SignalError('call_over'));
    await settle();
    assert.equal(requests().length, 3);
    assert.ok(!bench.actions.some(({ type }) => type === 'call_joined'));
  });
}

for (const direction of /** @type {const} */ (['place', 'accept'])) {
  const reply = direction === 'place' ? PLACED : ACCEPTED;

  test(`a browser that fails after ${direction} was answered leaves the call`, async () => {
    bench.broken = 'answer';
    newSession()[direction]('x');
    await settle();
    bench.asked[0]?.answer(reply);
    await settle();
    assert.deepEqual(requests(), [direction, 'hang_up']);
    assert.deepEqual(bench.asked[1]?.request, HANG_UP);
    assert.deepEqual(bench.actions.at(-1), { type: 'call_over', key: 1, reason: 'unsupported', code: null, now: 0 });
  });

  test(`a reply that comes after ${direction} was given up gives the seat back`, async () => {
    newSession()[direction]('x');
    await settle();
    bench.asked[0]?.answer(new SignalError('timeout'));
    await settle();
    assert.deepEqual(bench.actions.at(-1), { type: 'call_over', key: 1, reason: null, code: 'timeout', now: 0 });
    bench.asked[0]?.answerLate(reply);
    assert.deepEqual(requests(), [direction, 'hang_up']);
    assert.deepEqual(bench.asked[1]?.request, HANG_UP);
  });
}

test('a microphone that cannot be sent ends the call that is being accepted, for the server too', async () => {
  bench.broken = 'microphone';
  newSession().accept('x');
  await settle();
  assert.deepEqual(bench.actions.at(-1), { type: 'call_over', key: 1, reason: 'unsupported', code: null, now: 0 });
  assert.ok(bench.tracks.length === 2 && bench.tracks.every(({ stopped }) => stopped));
  bench.asked[0]?.answer(ACCEPTED);
  await settle();
  assert.deepEqual(bench.asked.at(-1)?.request, HANG_UP);
});

test('media that does not get through in time ends the call and tells the server', async () => {
  const session = newSession();
  await placed(session);
  session.giveUpMedia();
  session.giveUpMedia();
  assert.deepEqual(requests().filter((type) => type === 'hang_up'), ['hang_up']);
  assert.deepEqual(bench.actions.at(-1), { type: 'call_over', key: 1, reason: 'media_failed', code: null, now: 0 });
});

test('a page that goes says so before anything else can, and keeps its media until then', async () => {
  const session = newSession();
  await placed(session);
  session.abandon();
  assert.deepEqual(bench.asked.at(-1)?.request, HANG_UP);
  assert.ok(bench.tracks.every(({ stopped }) => stopped));
  assert.ok(!bench.peer.includes('close'));
});

test('a page that goes before it accepted declines nothing', async () => {
  const session = newSession();
  session.accept('x');
  session.abandon();
  await settle();
  assert.deepEqual(requests(), []);
});

test('leaving stops the devices at once and closes the media once the server knows', async () => {
  const session = newSession();
  await placed(session);
  session.leave(true, true);
  assert.ok(bench.tracks.every(({ stopped }) => stopped));
  assert.equal(requests().at(-1), 'hang_up');
  assert.ok(!bench.peer.includes('close'));
  bench.asked.at(-1)?.answer(DONE);
  await settle();
  assert.ok(bench.peer.includes('close'));
});

test('a cancel that comes too late becomes a hang-up', async () => {
  const session = newSession();
  await placed(session);
  session.leave(false, true);
  bench.asked.at(-1)?.answer(new SignalError('wrong_state'));
  await settle();
  assert.deepEqual(requests().slice(-2), ['cancel', 'hang_up']);
});

test('a refused call ends with the reason and lets the devices go', async () => {
  const session = newSession();
  session.place();
  await settle();
  bench.asked[0]?.answer(new SignalError('in_another_call'));
  await settle();
  assert.deepEqual(bench.actions.at(-1), { type: 'call_over', key: 1, reason: null, code: 'in_another_call', now: 0 });
  assert.ok(bench.tracks.every(({ stopped }) => stopped));
});

test('muting keeps the microphone and turning the camera off lets it go', async () => {
  const session = newSession();
  await placed(session);
  session.flow();
  const [microphone, camera] = bench.tracks;
  await session.set('microphone', false);
  assert.deepEqual([microphone?.enabled, microphone?.stopped], [false, false]);
  await session.set('camera', false);
  assert.equal(camera?.stopped, true);
  assert.equal(bench.peer.at(-1), 'camera off');
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'set_media', call: 'x', media: { microphone: false, camera: false, screen: false } });
  await session.set('camera', true);
  assert.equal(bench.peer.at(-1), 'camera on');
});

test('a camera that is refused is told to the page and to the others, and the call goes on', async () => {
  bench.cameraWorks = false;
  await placed(newSession());
  assert.ok(bench.actions.some((action) => action.type === 'call_own_media' && action.problems.camera === 'refused' && action.own.microphone));
  assert.deepEqual(bench.asked[1]?.request, { type: 'set_media', call: 'x', media: { microphone: true, camera: false, screen: false } });
});

test('a camera that is pulled out is told to the others', async () => {
  await placed(newSession());
  bench.tracks[1]?.dispatchEvent(new Event('ended'));
  await settle();
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'set_media', call: 'x', media: { microphone: true, camera: false, screen: false } });
  assert.ok(bench.actions.some((action) => action.type === 'call_own_media' && action.problems.camera === 'missing'));
});
