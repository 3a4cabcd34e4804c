import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';

import { OwnMedia } from '../app/js/call/own_media.js';
import { Log } from '../app/js/log.js';

/** @import { Device } from '../app/js/call/own_media.js' */

class Track extends EventTarget {
  stopped = false;
  stop() {
    this.stopped = true;
  }
}

/** @type {Track[]} */
let tracks = [];
let changes = 0;
const BOTH = { microphone: true, camera: true };

/** @param {(device: Device) => Promise<void>} send */
function newMedia(send) {
  /** @param {MediaStreamConstraints} [constraints] */
  const getUserMedia = async (constraints = {}) => {
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
});

test('stopping while the microphone is handed over keeps the camera from staying on', async () => {
  /** @type {Device[]} */
  const sent = [];
  const media = newMedia(async (device) => {
    sent.push(device);
    media.stop();
  });
  await media.open(BOTH);
  assert.deepEqual(tracks.map(({ stopped }) => stopped), [true, true]);
  assert.deepEqual([sent, changes], [['microphone'], 0]);
  assert.deepEqual([media.on, media.picture], [{ microphone: false, camera: false }, null]);
});

for (const broken of /** @type {const} */ (['microphone', 'camera'])) {
  test(`no device stays on where the ${broken} cannot be sent`, async () => {
    const media = newMedia(async (device) => {
      if (device === broken) throw new Error('closed');
    });
    await assert.rejects(media.open(BOTH), { message: 'closed' });
    assert.deepEqual(tracks.map(({ stopped }) => stopped), [true, true]);
    assert.deepEqual([media.on, media.picture], [{ microphone: false, camera: false }, null]);
  });
}

test('a camera that is still being handed over is not opened a second time', async () => {
  const media = newMedia(async (device) => {
    if (device === 'microphone') await media.set('camera', true);
  });
  await media.open(BOTH);
  assert.equal(tracks.length, 2);
  media.stop();
  assert.ok(tracks.every(({ stopped }) => stopped));
});
