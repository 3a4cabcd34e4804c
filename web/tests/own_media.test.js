import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';

import { OwnMedia } from '../app/js/call/own_media.js';
import { Log } from '../app/js/log.js';

/** @import { Device } from '../app/js/call/own_media.js' */

class Track extends EventTarget {
  stopped = false;
  enabled = true;
  stop() {
    this.stopped = true;
  }
}

/** @type {Track[]} */
let tracks = [];
let changes = 0;
/** Settles once the browser's question is answered. @type {Promise<void> | null} */
let asked = null;
const BOTH = { microphone: true, camera: true };

/** @param {(device: Device, track: MediaStreamTrack | null) => Promise<void>} send */
function newMedia(send) {
  /** @param {MediaStreamConstraints} [constraints] */
  const getUserMedia = async (constraints = {}) => {
    await asked;
    const audio = constraints.audio ? [new Track()] : [];
    const video = constraints.video ? [new Track()] : [];
    tracks.push(...audio, ...video);
    return /** @type {any} */ ({ getTracks: () => [...audio, ...video], getAudioTracks: () => audio, getVideoTracks: () => video });
  };
  const onChange = () => (changes += 1);
  return new OwnMedia({ mediaDevices: { getUserMedia }, log: new Log(() => 0), send, onChange, onLost: () => {} });
}

before(() => {
  Object.assign(globalThis, { MediaStream: class {} });
});

beforeEach(() => {
  tracks = [];
  changes = 0;
  asked = null;
});

test('stopping while the microphone is handed over keeps the camera from staying on', async () => {
  const media = newMedia(async () => media.stop());
  await media.goLive();
  await media.open(BOTH);
  assert.deepEqual(tracks.map(({ stopped }) => stopped), [true, true]);
  assert.equal(changes, 0);
  assert.deepEqual([media.on, media.picture], [{ microphone: false, camera: false }, null]);
});

for (const broken of /** @type {const} */ (['microphone', 'camera'])) {
  test(`no device stays on where the ${broken} cannot be sent`, async () => {
    const media = newMedia(async (device) => {
      if (device === broken) throw new Error('closed');
    });
    await media.goLive();
    await assert.rejects(media.open(BOTH), { message: 'closed' });
    assert.deepEqual(tracks.map(({ stopped }) => stopped), [true, true]);
    assert.deepEqual([media.on, media.picture], [{ microphone: false, camera: false }, null]);
  });
}

test('a camera that is still being handed over is not opened a second time', async () => {
  const media = newMedia(async (device) => {
    if (device === 'microphone') await media.set('camera', true);
  });
  await media.goLive();
  await media.open(BOTH);
  assert.equal(tracks.length, 2);
  media.stop();
  assert.ok(tracks.every(({ stopped }) => stopped));
});

test('nothing that is captured is sent before somebody is there', async () => {
  /** @type {string[]} */
  const sent = [];
  const media = newMedia(async (device) => void sent.push(device));
  await media.open(BOTH);
  assert.ok(media.picture);
  await media.set('camera', false);
  await media.set('camera', true);
  assert.deepEqual(sent, []);
  await media.goLive();
  assert.deepEqual(sent.sort(), ['camera', 'microphone']);
});

test('a held call lets the devices go and sends nothing, and goes on as it was', async () => {
  /** @type {string[]} */
  let sent = [];
  const media = newMedia(async (device, track) => void sent.push(`${device} ${track ? 'on' : 'off'}`));
  await media.goLive();
  await media.open(BOTH);
  await media.set('microphone', false);
  sent = [];
  await media.pause();
  assert.ok(tracks.every(({ stopped }) => stopped));
  assert.deepEqual(sent.sort(), ['camera off', 'microphone off']);
  await media.set('camera', true);
  assert.equal(tracks.length, 2);
  sent = [];
  await media.resume();
  assert.deepEqual(sent.sort(), ['camera on', 'microphone on']);
  assert.deepEqual(media.on, { microphone: false, camera: true });
});

test('a call held while the browser still asks goes on with both devices, and what the question gave does not stay on beside them', async () => {
  const media = newMedia(async () => {});
  await media.goLive();
  let answer = () => {};
  asked = new Promise((resolve) => (answer = resolve));
  const opening = media.open(BOTH);
  await media.pause();
  const resumed = media.resume();
  answer();
  await Promise.all([opening, resumed]);
  assert.deepEqual(media.on, { microphone: true, camera: true });
  assert.deepEqual(tracks.map(({ stopped }) => stopped), [true, true, false, false]);
  await media.set('camera', false);
  assert.equal(media.on.camera, false);
});

test('a question answered while the call is held opens nothing', async () => {
  const media = newMedia(async () => {});
  let answer = () => {};
  asked = new Promise((resolve) => (answer = resolve));
  const opening = media.open(BOTH);
  await media.pause();
  answer();
  await opening;
  assert.ok(tracks.length === 2 && tracks.every(({ stopped }) => stopped));
  await media.resume();
  assert.deepEqual(media.on, { microphone: true, camera: true });
});
