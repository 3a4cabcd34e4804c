import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SignalError } from '../app/js/signal/error.js';
import { bench, DONE, makePeer, newSession, placed, settle } from './session_bench.js';

/** @import { MediaState, Request, Seat } from '../app/js/protocol.js' */

/** @param {Partial<MediaState>} some @returns {Request} */
const media = (some) => ({ type: 'set_media', call: 'x', media: { microphone: true, camera: true, screen: false, ...some } });
const TAKEN = { type: /** @type {const} */ ('screen_taken'), call: 'x', by: 'b' };
/** @param {Seat[]} [seats] */
const answerJoin = async (seats = []) => {
  bench.asked.findLast(({ request }) => request.type === 'join')?.answer({ type: 'joined', call: 'x', kind: 'video', answer: 'v=0', seats });
  await settle();
};
/** @param {string} id @returns {Seat} of somebody who shares their screen */
const sharing = (id) => ({ person: { id, name: id }, state: 'active', media: { microphone: true, camera: true, screen: true } });
/** Whether each word on what is sent said that the screen is. */
const saidOfScreen = () => bench.asked.flatMap(({ request }) => (request.type === 'set_media' ? [request.media.screen] : []));
const ownScreen = () => bench.actions.flatMap((action) => (action.type === 'call_own_media' ? [action.own.screen] : [])).at(-1);

async function flowing() {
  const session = newSession();
  await placed(session);
  session.flow();
  await settle();
  bench.peer = [];
  return session;
}

test('a shared screen is sent beside the camera, and told to the others', async () => {
  const session = await flowing();
  await session.share(true);
  assert.deepEqual([bench.peer, ownScreen()], [['screen on'], true]);
  assert.deepEqual(bench.asked.at(-1)?.request, media({ screen: true }));
  await session.share(false);
  assert.deepEqual([bench.peer, ownScreen()], [['screen on', 'screen off'], false]);
  assert.deepEqual(bench.asked.at(-1)?.request, media({}));
});

test('sharing goes on where the camera is off', async () => {
  const session = await flowing();
  await session.set('camera', false);
  await session.share(true);
  assert.deepEqual(bench.asked.at(-1)?.request, media({ camera: false, screen: true }));
});

test('somebody else who shares ends one\'s own sharing', async () => {
  const session = await flowing();
  await session.share(true);
  session.hear(TAKEN);
  await settle();
  assert.deepEqual([bench.tracks.at(-1)?.stopped, ownScreen(), bench.peer.at(-1)], [true, false, 'screen off']);
  assert.deepEqual(bench.asked.at(-1)?.request, media({}));
});

test('who shares anew before they are told that they were taken over goes on sharing', async () => {
  const session = await flowing();
  await session.share(true);
  await session.share(false);
  const stopped = bench.asked.at(-1);
  const again = session.share(true);
  await settle();
  assert.deepEqual([saidOfScreen().at(-1), ownScreen()], [false, false]);
  session.hear(TAKEN);
  stopped?.answer(DONE);
  await again;
  assert.deepEqual([saidOfScreen().at(-1), ownScreen(), bench.tracks.at(-1)?.stopped], [true, true, false]);
});

test('who is asked which screen to share is not interrupted by a word about an earlier one', async () => {
  const session = await flowing();
  const screen = bench.screen();
  let choose = () => {};
  bench.screen = () => new Promise((resolve) => (choose = () => resolve(screen)));
  const sharing = session.share(true);
  session.hear(TAKEN);
  choose();
  await sharing;
  assert.deepEqual([ownScreen(), saidOfScreen().at(-1)], [true, true]);
});

test('a call that ends while a screen waits to be shared anew lets it go', async () => {
  const session = await flowing();
  await session.share(true);
  await session.share(false);
  const stopped = bench.asked.at(-1);
  const again = session.share(true);
  await settle();
  session.close();
  stopped?.answer(DONE);
  await again;
  assert.equal(bench.tracks.at(-1)?.stopped, true);
});

test('a call on hold shares nothing, and does not begin to by itself when it goes on', async () => {
  const session = await flowing();
  await session.share(true);
  const holding = session.hold();
  await settle();
  assert.equal(bench.tracks[2]?.stopped, true);
  bench.asked.findLast(({ request }) => request.type === 'hold')?.answer(DONE);
  await holding;
  await session.share(true);
  assert.equal(bench.tracks.length, 3);
  bench.peer = [];
  session.goOn();
  await settle();
  assert.deepEqual([bench.peer.toSorted(), ownScreen()], [['camera on', 'microphone on'], false]);
});

test('a call that is left lets the screen go', async () => {
  const session = await flowing();
  await session.share(true);
  session.leave(true, true);
  assert.ok(bench.tracks.every(({ stopped }) => stopped));
});

test('a media connection made anew is handed the screen, which goes on being shared', async () => {
  const session = await flowing();
  await session.share(true);
  session.renew();
  await settle();
  await answerJoin([sharing('a')]);
  assert.equal(bench.peer.filter((what) => what === 'screen on').length, 2);
  assert.deepEqual(bench.asked.at(-1)?.request, media({ screen: true }));
});

for (const { when, told, seats } of [
  { when: 'before the reply', told: true, seats: [] },
  { when: 'as the reply shows', told: false, seats: [sharing('a'), sharing('b')] },
]) {
  test(`a screen that was taken while media is connected anew, ${when}, is not taken back`, async () => {
    const session = await flowing();
    await session.share(true);
    session.renew();
    await settle();
    const before = saidOfScreen().length;
    if (told) session.hear(TAKEN);
    await answerJoin(seats);
    assert.deepEqual([bench.tracks.at(-1)?.stopped, ownScreen()], [true, false]);
    const said = saidOfScreen().slice(before);
    assert.ok(said.length > 0 && said.every((screen) => !screen), `${said}`);
  });
}

test('what is wanted is told to the media connection there is, and to another one once the server has taken it', async () => {
  const session = await flowing();
  session.renew();
  await settle();
  session.hear({ type: 'layers_wanted', call: 'x', track: 'camera', active: true, rids: ['q'] });
  await answerJoin();
  assert.deepEqual(bench.peer.filter((what) => what.includes('wanted')), ['camera wanted of 1: q']);
  session.hear({ type: 'layers_wanted', call: 'x', track: 'camera', active: true, rids: ['q', 'h'] });
  assert.equal(bench.peer.at(-1), 'camera wanted of 2: q h');
});

test('a media connection the server does not take is closed, and the one before serves on', async () => {
  const session = await flowing();
  session.renew();
  await settle();
  bench.asked.findLast(({ request }) => request.type === 'join')?.answer(new SignalError('unavailable'));
  await settle();
  assert.deepEqual(bench.peer, ['close']);
  session.hear({ type: 'layers_wanted', call: 'x', track: 'camera', active: true, rids: ['q'] });
  assert.equal(bench.peer.at(-1), 'camera wanted of 1: q');
});

test('only wanted layers are asked of the media connection', async () => {
  const session = await flowing();
  session.hear({ type: 'layers_wanted', call: 'x', track: 'camera', active: true, rids: ['q', 'h'] });
  session.hear({ type: 'layers_wanted', call: 'x', track: 'screen', active: false, rids: [] });
  assert.deepEqual(bench.peer, ['camera wanted of 1: q h', 'screen wanted of 1: none']);
});

test('what the page shows is told once there is a seat, and again to another media connection', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const session = newSession();
  session.accept('x', { ready: { peer: makePeer(), warm: Promise.resolve(true) } });
  session.look([{ user: 'b', track: 'camera', height: 360, pinned: false }]);
  await settle();
  const views = () => bench.asked.flatMap(({ request }) => (request.type === 'view' ? [request.tiles] : []));
  const view = [{ mid: '5', height: 360, user: 'b' }, { mid: '6', height: 0 }, { mid: '7', height: 0 }, { mid: '8', height: 0 }];
  assert.deepEqual(views(), []);
  bench.asked[0]?.answer({ type: 'accepted', call: 'x', seats: [] });
  await settle();
  assert.deepEqual(views(), [view]);
  context.mock.timers.tick(1000);
  session.renew();
  await settle();
  await answerJoin();
  assert.deepEqual(views(), [view, view]);
  session.lookAgain();
  context.mock.timers.tick(1000);
  assert.deepEqual(views(), [view, view, view]);
});

test('the numbers of the server are asked of the call, and of none that is over', async () => {
  const session = await flowing();
  const asking = session.serverStats();
  await settle();
  assert.deepEqual(bench.asked.at(-1)?.request, { type: 'stats', call: 'x' });
  bench.asked.at(-1)?.answer({ type: 'stats', call: 'x', slots: [] });
  assert.deepEqual(await asking, { type: 'stats', call: 'x', slots: [] });
  session.close();
  assert.equal(await session.serverStats(), null);
});
