import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { OwnScreen } from '../app/js/call/own_screen.js';
import { Log } from '../app/js/log.js';

class Track extends EventTarget {
  stopped = false;
  contentHint = '';
  readyState = 'live';
  stop() {
    this.stopped = true;
  }
  end() {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

/** @type {Track[]} */
let tracks = [];
/** @type {string[]} */
let sent = [];
let changes = 0;
/** Settles once the browser's question is answered. @type {Promise<unknown> | null} */
let asked = null;
/** Settles once the server has heard what changed. @type {Promise<unknown> | undefined} */
let hearing;

function newScreen({ refused = false, broken = false } = {}) {
  const getDisplayMedia = async () => {
    await asked;
    if (refused) throw Object.assign(new Error(), { name: 'NotAllowedError' });
    const track = new Track();
    tracks.push(track);
    return /** @type {any} */ ({ getVideoTracks: () => [track] });
  };
  return new OwnScreen({
    mediaDevices: { getDisplayMedia },
    log: new Log(() => 0),
    send: async (track) => {
      sent.push(track ? 'on' : 'off');
      if (broken) throw new Error('closed');
    },
    onChange: () => {
      changes += 1;
      return hearing;
    },
  });
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  tracks = [];
  sent = [];
  changes = 0;
  asked = null;
  hearing = undefined;
});

test('a shared screen is sent for its sharpness, and stopping lets it go', async () => {
  const screen = newScreen();
  await screen.start();
  assert.deepEqual([screen.on, sent, changes, tracks[0]?.contentHint], [true, ['on'], 1, 'detail']);
  await screen.stop();
  await screen.stop();
  assert.deepEqual([screen.on, sent, changes, tracks[0]?.stopped], [false, ['on', 'off'], 2, true]);
});

test('somebody who does not choose a screen shares none, and no error is made of it', async () => {
  const screen = newScreen({ refused: true });
  await screen.start();
  assert.deepEqual([screen.on, sent, changes], [false, [], 0]);
});

test('sharing ends with the browser\'s own button', async () => {
  const screen = newScreen();
  await screen.start();
  tracks[0]?.end();
  await settle();
  assert.deepEqual([screen.on, sent, changes], [false, ['on', 'off'], 2]);
});

test('what is chosen after the call is over, or sharing was stopped, is let go', async () => {
  const screen = newScreen();
  let answer = () => {};
  asked = new Promise((resolve) => (answer = () => resolve(undefined)));
  const starting = screen.start();
  screen.drop();
  answer();
  await starting;
  assert.deepEqual([screen.on, sent, changes, tracks[0]?.stopped], [false, [], 0, true]);
});

test('the browser is asked one question at a time', async () => {
  const screen = newScreen();
  await Promise.all([screen.start(), screen.start()]);
  await screen.start();
  assert.equal(tracks.length, 1);
});

test('a screen whose sharing the browser ends before it has begun is not shared', async () => {
  let heard = () => {};
  hearing = new Promise((resolve) => (heard = () => resolve(undefined)));
  const screen = newScreen();
  await screen.start();
  await screen.stop();
  const again = screen.start();
  await settle();
  tracks[1]?.end();
  heard();
  await again;
  assert.deepEqual([screen.on, sent, changes], [false, ['on', 'off'], 2]);
});

test('a screen that cannot be sent does not stay captured', async () => {
  const screen = newScreen({ broken: true });
  await assert.rejects(screen.start(), { message: 'closed' });
  assert.deepEqual([screen.on, tracks[0]?.stopped], [false, true]);
});
