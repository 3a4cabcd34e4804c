import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';

import { Session } from '../app/js/call/session.js';
import { Log } from '../app/js/log.js';
import { SignalError } from '../app/js/signal.js';

/** @import { Reply, Request } from '../app/js/protocol.js' */
/** @import { Action } from '../app/js/state/state.js' */

class Track extends EventTarget {
  enabled = true;
  stopped = false;
  label = '';
  /** @param {string} kind */
  constructor(kind) {
    super();
    this.kind = kind;
    tracks.push(this);
  }
  stop() {
    this.stopped = true;
  }
}

/** A request that waits for the test to answer it. @typedef {{ request: Request, answer: (outcome: Reply | SignalError) => void }} Asked */

/** @type {Asked[]} */
let asked = [];
/** @type {Action[]} */
let actions = [];
/** @type {Track[]} */
let tracks = [];
/** @type {string[]} */
let peer = [];
let cameraWorks = true;
/** Whether the browser still shows its question. */
let asking = false;

const signal = {
  /** @param {Request} request @returns {Promise<Reply>} */
  request: (request) =>
    new Promise((resolve, reject) => {
      asked.push({ request, answer: (outcome) => (outcome instanceof SignalError ? reject(outcome) : resolve(outcome)) });
    }),
};

function makePeer() {
  return /** @type {any} */ ({
    follow: () => {},
    offer: async () => ({ sdp: 'v=0', tracks: [] }),
    answer: async () => peer.push('answer'),
    send: async (/** @type {string} */ role, /** @type {unknown} */ track) => peer.push(`${role} ${track ? 'on' : 'off'}`),
    close: () => peer.push('close'),
  });
}

/** @param {'audio' | 'video'} kind */
function newSession(kind = 'video') {
  /** @param {MediaStreamConstraints} [constraints] */
  const getUserMedia = async (constraints = {}) => {
    if (asking) return new Promise(() => {});
    if (constraints.video && !cameraWorks) throw Object.assign(new Error(), { name: 'NotAllowedError' });
    const audio = constraints.audio ? [new Track('audio')] : [];
    const video = constraints.video ? [new Track('video')] : [];
    return /** @type {any} */ ({ getTracks: () => [...audio, ...video], getAudioTracks: () => audio, getVideoTracks: () => video });
  };
  return new Session({
    key: 1,
    kind,
    people: [{ id: 'b', name: 'Boris' }],
    signal,
    log: new Log(() => 0),
    dispatch: (action) => actions.push(action),
    now: () => 0,
    makePeer,
    mediaDevices: { getUserMedia },
  });
}

/** Lets everything that waits on promises alone run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
const requests = () => asked.map(({ request }) => request.type);
/** @type {Reply} */
const PLACED = { type: 'placed', call: 'x', answer: 'v=0', seats: [] };
/** @type {Reply} */
const DONE = { type: 'done' };

before(() => {
  Object.assign(globalThis, { MediaStream: class {} });
});

beforeEach(() => {
  asked = [];
  actions = [];
  tracks = [];
  peer = [];
  cameraWorks = true;
  asking = false;
});

/** @param {Session} session */
async function placed(session) {
  session.place();
  await settle();
  asked[0]?.answer(PLACED);
  await settle();
}

test('placing opens the devices first, then calls, then says what is on', async () => {
  await placed(newSession());
  assert.deepEqual(requests(), ['place', 'set_media']);
  assert.deepEqual(peer, ['microphone on', 'camera on', 'answer']);
  assert.deepEqual(asked[1]?.request, { type: 'set_media', call: 'x', media: { microphone: true, camera: true, screen: false } });
});

test('accepting does not wait for the devices, and placing does', async () => {
  asking = true;
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
  asked[0]?.answer(PLACED);
  await settle();
  assert.deepEqual(requests(), ['place', 'cancel']);
  assert.ok(!actions.some(({ type }) => type === 'call_joined'));
});

test('hanging up while the browser asks for the camera never calls anybody', async () => {
  const session = newSession();
  session.place();
  session.leave(false, true);
  await settle();
  assert.deepEqual(requests(), []);
  assert.ok(tracks.length > 0 && tracks.every(({ stopped }) => stopped));
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

test('leaving stops the devices at once and closes the media once the server knows', async () => {
  const session = newSession();
  await placed(session);
  session.leave(true, true);
  assert.ok(tracks.every(({ stopped }) => stopped));
  assert.equal(requests().at(-1), 'hang_up');
  assert.ok(!peer.includes('close'));
  asked.at(-1)?.answer(DONE);
  await settle();
  assert.ok(peer.includes('close'));
});

test('a cancel that comes too late becomes a hang-up', async () => {
  const session = newSession();
  await placed(session);
  session.leave(false, true);
  asked.at(-1)?.answer(new SignalError('wrong_state'));
  await settle();
  assert.deepEqual(requests().slice(-2), ['cancel', 'hang_up']);
});

test('a refused call ends with the reason and lets the devices go', async () => {
  const session = newSession();
  session.place();
  await settle();
  asked[0]?.answer(new SignalError('in_another_call'));
  await settle();
  assert.deepEqual(actions.at(-1), { type: 'call_over', key: 1, reason: null, code: 'in_another_call', now: 0 });
  assert.ok(tracks.every(({ stopped }) => stopped));
});

test('muting keeps the microphone and turning the camera off lets it go', async () => {
  const session = newSession();
  await placed(session);
  const [microphone, camera] = tracks;
  await session.set('microphone', false);
  assert.deepEqual([microphone?.enabled, microphone?.stopped], [false, false]);
  await session.set('camera', false);
  assert.equal(camera?.stopped, true);
  assert.equal(peer.at(-1), 'camera off');
  assert.deepEqual(asked.at(-1)?.request, { type: 'set_media', call: 'x', media: { microphone: false, camera: false, screen: false } });
  await session.set('camera', true);
  assert.equal(peer.at(-1), 'camera on');
});

test('a camera that is refused is told to the page and to the others, and the call goes on', async () => {
  cameraWorks = false;
  await placed(newSession());
  assert.ok(actions.some((action) => action.type === 'call_own_media' && action.problems.camera === 'refused' && action.own.microphone));
  assert.deepEqual(asked[1]?.request, { type: 'set_media', call: 'x', media: { microphone: true, camera: false, screen: false } });
});

test('a camera that is pulled out is told to the others', async () => {
  await placed(newSession());
  tracks[1]?.dispatchEvent(new Event('ended'));
  await settle();
  assert.deepEqual(asked.at(-1)?.request, { type: 'set_media', call: 'x', media: { microphone: true, camera: false, screen: false } });
  assert.ok(actions.some((action) => action.type === 'call_own_media' && action.problems.camera === 'missing'));
});
