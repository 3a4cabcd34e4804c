/** A session between a fake server, fake devices and a fake media connection. */

import { afterEach, before, beforeEach } from 'node:test';

import { slotsFor } from '../app/js/call/plan.js';
import { Session } from '../app/js/call/session.js';
import { Log } from '../app/js/log.js';
import { SignalError } from '../app/js/signal/error.js';

/** @import { Reply, Request } from '../app/js/protocol.js' */
/** @import { Action } from '../app/js/state/state.js' */

class Track extends EventTarget {
  enabled = true;
  stopped = false;
  label = '';
  contentHint = '';
  /** @param {string} kind */
  constructor(kind) {
    super();
    this.kind = kind;
    bench.tracks.push(this);
  }
  stop() {
    this.stopped = true;
  }
}

/** A request that waits for the test to answer it. @typedef {{ request: Request, answer: (outcome: Reply | SignalError) => void, answerLate: (reply: Reply) => void }} Asked */

/** What the test looks at and turns; fresh for each test. */
export const bench = {
  /** @type {Asked[]} */
  asked: [],
  /** @type {Action[]} */
  actions: [],
  /** @type {Track[]} */
  tracks: [],
  /** @type {string[]} */
  peer: [],
  /** @type {Session[]} */
  sessions: [],
  /** How many media connections were made. */
  made: 0,
  cameraWorks: true,
  /** What the browser's question about the screen gives. @type {() => any} */
  screen: () => null,
  /** What the media connection throws. @type {'answer' | 'microphone' | 'camera' | null} */
  broken: null,
  /** @type {(state: 'up' | 'interrupted' | 'failed') => void} */
  peerState: () => {},
  /** Whether the browser still shows its question. */
  asking: false,
};


const signal = {
  /** @param {Request} request @param {(reply: Reply) => void} [onLate] @returns {Promise<Reply>} */
  request: (request, onLate) =>
    new Promise((resolve, reject) => {
      /** @param {Reply | SignalError} outcome */
      const answer = (outcome) => (outcome instanceof SignalError ? reject(outcome) : resolve(outcome));
      bench.asked.push({ request, answer, answerLate: (reply) => onLate?.(reply) });
    }),
};

/** @param {string} what */
function attempted(what) {
  bench.peer.push(what);
  if (bench.broken && what.startsWith(bench.broken)) throw new Error(`no ${bench.broken}`);
}

/** @param {number} [others] */
export function makePeer(others = 1) {
  bench.made += 1;
  const number = bench.made;
  return /** @type {any} */ ({
    follow: (/** @type {typeof bench.peerState} */ onState) => (bench.peerState = onState),
    offer: async () => ({ sdp: 'v=0', tracks: [] }),
    answer: async () => attempted('answer'),
    send: async (/** @type {string} */ role, /** @type {unknown} */ track) => attempted(`${role} ${track ? 'on' : 'off'}`),
    close: () => bench.peer.push('close'),
    want: async (/** @type {string} */ source, /** @type {{ active: boolean, rids: string[] }} */ { active, rids }) =>
      attempted(`${source} wanted of ${number}: ${active ? rids.join(' ') : 'none'}`),
    slots: slotsFor(others),
    mids: { camera: ['5', '6', '7'], screen: ['8'] },
    stats: async () => (attempted('stats'), new Map()),
  });
}

/** @param {'audio' | 'video'} kind */
export function newSession(kind = 'video') {
  /** @param {MediaStreamConstraints} [constraints] */
  const getUserMedia = async (constraints = {}) => {
    if (bench.asking) return new Promise(() => {});
    if (constraints.video && !bench.cameraWorks) throw Object.assign(new Error(), { name: 'NotAllowedError' });
    const audio = constraints.audio ? [new Track('audio')] : [];
    const video = constraints.video ? [new Track('video')] : [];
    return /** @type {any} */ ({ getTracks: () => [...audio, ...video], getAudioTracks: () => audio, getVideoTracks: () => video });
  };
  const session = new Session({
    key: 1,
    kind,
    me: 'a',
    people: [{ id: 'b', name: 'Boris' }],
    signal,
    log: new Log(() => 0),
    dispatch: (action) => bench.actions.push(action),
    now: () => 0,
    makePeer,
    mediaDevices: { getUserMedia, getDisplayMedia: async () => bench.screen() },
    slots: () => ({}),
  });
  bench.sessions.push(session);
  return session;
}

/** Lets everything that waits on promises alone run. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));
export const requests = () => bench.asked.map(({ request }) => request.type);
/** @type {Reply} */
export const PLACED = { type: 'placed', call: 'x', answer: 'v=0', seats: [] };
/** @type {Reply} */
export const ACCEPTED = { ...PLACED, type: 'accepted' };
/** @type {Reply} */
export const DONE = { type: 'done' };
/** @type {Request} */
export const HANG_UP = { type: 'hang_up', call: 'x' };

before(() => {
  Object.assign(globalThis, { MediaStream: class {} });
});

beforeEach(() => {
  bench.asked = [];
  bench.actions = [];
  bench.tracks = [];
  bench.peer = [];
  bench.made = 0;
  bench.cameraWorks = true;
  bench.screen = () => {
    const screen = [new Track('video')];
    return { getTracks: () => screen, getVideoTracks: () => screen };
  };
  bench.broken = null;
  bench.peerState = () => {};
  bench.asking = false;
});

afterEach(() => {
  for (const session of bench.sessions) session.close();
  bench.sessions = [];
});

/** @param {Session} session */
export async function placed(session) {
  session.place();
  await settle();
  bench.asked[0]?.answer(PLACED);
  await settle();
}
