/** All calls of a page between a fake server, fake devices and fake media connections. */

import { after, before, beforeEach } from 'node:test';

import { Calls } from '../app/js/call/calls.js';
import { Log } from '../app/js/log.js';
import { INITIAL, reduce } from '../app/js/state/state.js';
import { Store } from '../app/js/state/store.js';

/** @import { MyCall, Reply, Request, Seat, ServerEvent } from '../app/js/protocol.js' */
/** @import { SignalError } from '../app/js/signal/error.js' */

export const BORIS = { id: 'b', name: 'Boris' };
export const CLARA = { id: 'c', name: 'Clara' };
/** @type {Seat} */
const SEAT = { person: BORIS, state: 'active', media: { microphone: true, camera: false, screen: false } };

/** What the test looks at; fresh for each test. */
export const page = {
  /** @type {{ request: Request, answer: (reply: Reply) => void, refuse: (error: SignalError) => void }[]} */
  asked: [],
  /** @type {{ stopped: boolean }[]} */
  tracks: [],
};

class Track extends EventTarget {
  enabled = true;
  stopped = false;
  label = '';
  constructor() {
    super();
    page.tracks.push(this);
  }
  getSettings() {
    return {};
  }
  stop() {
    this.stopped = true;
  }
}

class Connection extends EventTarget {
  connectionState = 'new';
  localDescription = { sdp: 'v=0' };
  addTransceiver() {
    return { mid: null, setCodecPreferences: () => {}, sender: { replaceTrack: async () => {}, getParameters: () => ({ encodings: [] }) }, receiver: { track: {} } };
  }
  async createOffer() {}
  async setLocalDescription() {}
  async setRemoteDescription() {}
  async getStats() {
    return new Map();
  }
  close() {}
}

const getUserMedia = async (/** @type {MediaStreamConstraints} */ { audio, video }) => {
  const microphone = audio ? [new Track()] : [];
  const camera = video ? [new Track()] : [];
  return { getTracks: () => [...microphone, ...camera], getAudioTracks: () => microphone, getVideoTracks: () => camera };
};

const STAND_INS = {
  RTCPeerConnection: Connection,
  RTCRtpReceiver: { getCapabilities: () => null },
  MediaStream: class {},
  navigator: { mediaDevices: { getUserMedia } },
};
const originals = Object.keys(STAND_INS).map((name) => /** @type {const} */ ([name, Object.getOwnPropertyDescriptor(globalThis, name)]));

before(() => {
  for (const [name, value] of Object.entries(STAND_INS)) Object.defineProperty(globalThis, name, { value, configurable: true });
});

after(() => {
  for (const [name, original] of originals) {
    if (original) Object.defineProperty(globalThis, name, original);
    else Reflect.deleteProperty(globalThis, name);
  }
});

beforeEach(() => {
  page.asked = [];
  page.tracks = [];
});

/** Somebody who is logged in and looks at the page. @param {() => void} [onOwnCall] */
export function newPage(onOwnCall) {
  const store = new Store(INITIAL, reduce);
  const signal = {
    /** @param {Request} request @returns {Promise<Reply>} */
    request: (request) => new Promise((answer, refuse) => page.asked.push({ request, answer, refuse })),
  };
  const calls = new Calls({ store, signal: /** @type {any} */ (signal), log: new Log(() => 0), now: () => 0, ...(onOwnCall && { onOwnCall }) });
  store.dispatch({ type: 'logged_in', me: { id: 'a', name: 'Anna', phone: '+79001234567' } });
  store.dispatch({ type: 'link', link: 'online' });
  return { store, calls, told: (/** @type {ServerEvent} */ event) => store.dispatch({ type: 'server', event, now: 0 }) };
}

/** Lets everything that waits on promises alone run. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** @param {string} type @returns {Request | undefined} the last request of the type */
export const last = (type) => page.asked.findLast(({ request }) => request.type === type)?.request;

/** @param {Partial<MyCall>} some @returns {MyCall} */
export const mine = (some) => ({ call: 'x', kind: 'video', caller: BORIS, people: [BORIS], state: 'active', here: false, ...some });

/** @param {string} call @returns {import('../app/js/state/calls.js').Incoming} */
export const incoming = (call) => ({ call, kind: 'video', from: CLARA, others: [], waiting: true, blocked: [] });

/** A video call with Boris that somebody has taken. @param {ReturnType<typeof newPage>} at */
export async function inCall({ calls }) {
  calls.place([BORIS], 'video');
  await settle();
  page.asked.at(-1)?.answer({ type: 'placed', call: 'x', answer: 'v=0', seats: [SEAT] });
  await settle();
}
