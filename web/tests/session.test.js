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

/** A request that waits for the test to answer it. @typedef {{ request: Request, answer: (outcome: Reply | SignalError) => void, answerLate: (reply: Reply) => void }} Asked */

/** @type {Asked[]} */
let asked = [];
/** @type {Action[]} */
let actions = [];
/** @type {Track[]} */
let tracks = [];
/** @type {string[]} */
let peer = [];
let cameraWorks = true;
/** What the media connection throws. @type {'answer' | 'microphone' | 'camera' | null} */
let broken = null;
/** @type {(state: 'up' | 'interrupted' | 'failed') => void} */
let peerState = () => {};
/** Whether the browser still shows its question. */
let asking = false;

const signal = {
  /** @param {Request} request @param {(reply: Reply) => void} [onLate] @returns {Promise<Reply>} */
  request: (request, onLate) =>
    new Promise((resolve, reject) => {
      /** @param {Reply | SignalError} outcome */
      const answer = (outcome) => (outcome instanceof SignalError ? reject(outcome) : resolve(outcome));
      asked.push({ request, answer, answerLate: (reply) => onLate?.(reply) });
    }),
};

/** @param {string} what */
function attempted(what) {
  peer.push(what);
  if (broken && what.startsWith(broken)) throw new Error(`no ${broken}`);
}

function makePeer() {
  return /** @type {any} */ ({
    follow: (/** @type {typeof peerState} */ onState) => (peerState = onState),
    offer: async () => ({ sdp: 'v=0', tracks: [] }),
    answer: async () => attempted('answer'),
    send: async (/** @type {string} */ role, /** @type {unknown} */ track) => attempted(`${role} ${track ? 'on' : 'off'}`),
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
const ACCEPTED = { ...PLACED, type: 'accepted' };
/** @type {Reply} */
const DONE = { type: 'done' };
/** @type {Request} */
const HANG_UP = { type: 'hang_up', call: 'x' };

before(() => {
  Object.assign(globalThis, { MediaStream: class {} });
});

beforeEach(() => {
  asked = [];
  actions = [];
  tracks = [];
  peer = [];
  cameraWorks = true;
  broken = null;
  peerState = () => {};
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
  assert.deepEqual(requests(), ['place', 'hang_up']);
  assert.deepEqual(asked[1]?.request, HANG_UP);
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

for (const refusal of ['wrong_state', 'unknown_call']) {
  test(`a hang-up refused with ${refusal}, since the call was still being accepted, is said again once it is`, async () => {
    const session = newSession();
    session.accept('x');
    await settle();
    session.leave(false, false);
    asked[1]?.answer(new SignalError(refusal));
    await settle();
    asked[0]?.answer(ACCEPTED);
    await settle();
    assert.deepEqual(requests(), ['accept', 'hang_up', 'hang_up']);
    assert.deepEqual(asked[2]?.request, HANG_UP);
    asked[2]?.answer(new SignalError('call_over'));
    await settle();
    assert.equal(requests().length, 3);
    assert.ok(!actions.some(({ type }) => type === 'call_joined'));
  });
}

for (const direction of /** @type {const} */ (['place', 'accept'])) {
  const reply = direction === 'place' ? PLACED : ACCEPTED;

  test(`a browser that fails after ${direction} was answered leaves the call`, async () => {
    broken = 'answer';
    newSession()[direction]('x');
    await settle();
    asked[0]?.answer(reply);
    await settle();
    assert.deepEqual(requests(), [direction, 'hang_up']);
    assert.deepEqual(asked[1]?.request, HANG_UP);
    assert.deepEqual(actions.at(-1), { type: 'call_over', key: 1, reason: 'unsupported', code: null, now: 0 });
  });

  test(`a reply that comes after ${direction} was given up gives the seat back`, async () => {
    newSession()[direction]('x');
    await settle();
    asked[0]?.answer(new SignalError('timeout'));
    await settle();
    assert.deepEqual(actions.at(-1), { type: 'call_over', key: 1, reason: null, code: 'timeout', now: 0 });
    asked[0]?.answerLate(reply);
    assert.deepEqual(requests(), [direction, 'hang_up']);
    assert.deepEqual(asked[1]?.request, HANG_UP);
  });
}

test('a microphone that cannot be sent ends the call that is being accepted, for the server too', async () => {
  broken = 'microphone';
  newSession().accept('x');
  await settle();
  assert.deepEqual(actions.at(-1), { type: 'call_over', key: 1, reason: 'unsupported', code: null, now: 0 });
  assert.ok(tracks.length === 2 && tracks.every(({ stopped }) => stopped));
  asked[0]?.answer(ACCEPTED);
  await settle();
  assert.deepEqual(asked.at(-1)?.request, HANG_UP);
});

test('media that breaks ends the call and tells the server', async () => {
  await placed(newSession());
  peerState('failed');
  assert.deepEqual(asked.at(-1)?.request, HANG_UP);
  assert.deepEqual(actions.at(-1), { type: 'call_over', key: 1, reason: 'media_failed', code: null, now: 0 });
});

test('media that does not get through in time ends the call and tells the server', async () => {
  const session = newSession();
  await placed(session);
  session.giveUpMedia();
  session.giveUpMedia();
  assert.deepEqual(requests().filter((type) => type === 'hang_up'), ['hang_up']);
  assert.deepEqual(actions.at(-1), { type: 'call_over', key: 1, reason: 'media_failed', code: null, now: 0 });
});

test('a page that goes says so before anything else can, and keeps its media until then', async () => {
  const session = newSession();
  await placed(session);
  session.abandon();
  assert.deepEqual(asked.at(-1)?.request, HANG_UP);
  assert.ok(tracks.every(({ stopped }) => stopped));
  assert.ok(!peer.includes('close'));
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
