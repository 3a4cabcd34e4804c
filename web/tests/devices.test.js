import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openDevices, problemOf } from '../app/js/call/devices.js';

/** @import { Source } from '../app/js/call/devices.js' */

/**
 * A machine with these devices; the others fail with the error named.
 * @param {{ audio?: string, video?: string }} failures
 */
function machine(failures) {
  /** @type {string[]} */
  const asked = [];
  /** @type {Source} */
  const source = {
    getUserMedia: async (constraints = {}) => {
      const kinds = /** @type {const} */ (['audio', 'video']).filter((kind) => constraints[kind]);
      asked.push(kinds.join('+'));
      const failure = kinds.map((kind) => failures[kind]).find(Boolean);
      if (failure) throw Object.assign(new Error(failure), { name: failure });
      const tracks = kinds.map((kind) => ({ kind }));
      /** @param {string} wanted */
      const only = (wanted) => tracks.filter(({ kind }) => kind === wanted);
      return /** @type {any} */ ({ getTracks: () => tracks, getAudioTracks: () => only('audio'), getVideoTracks: () => only('video') });
    },
  };
  return { source, asked };
}

const BOTH = { microphone: true, camera: true };

test('camera and microphone are asked for in one question', async () => {
  const { source, asked } = machine({});
  const opened = await openDevices(source, BOTH);
  assert.deepEqual(asked, ['audio+video']);
  assert.deepEqual([opened.microphone?.kind, opened.camera?.kind], ['audio', 'video']);
});

test('a refused camera leaves the microphone and says why', async () => {
  const opened = await openDevices(machine({ video: 'NotAllowedError' }).source, BOTH);
  assert.equal(opened.microphone?.kind, 'audio');
  assert.equal(opened.camera, null);
  assert.deepEqual(opened.problems, { microphone: null, camera: 'refused' });
});

test('a machine with nothing still opens, with nothing', async () => {
  const opened = await openDevices(machine({ audio: 'NotFoundError', video: 'NotReadableError' }).source, BOTH);
  assert.deepEqual([opened.microphone, opened.camera], [null, null]);
  assert.deepEqual(opened.problems, { microphone: 'missing', camera: 'in_use' });
});

test('an audio call never touches the camera', async () => {
  const { source, asked } = machine({});
  const opened = await openDevices(source, { microphone: true, camera: false });
  assert.deepEqual(asked, ['audio']);
  assert.deepEqual([opened.camera, opened.problems.camera], [null, null]);
});

test('a page without secure context is told so', async () => {
  const opened = await openDevices(undefined, BOTH);
  assert.deepEqual(opened.problems, { microphone: 'insecure', camera: 'insecure' });
});

test('an error nobody foresaw is a failure, not a crash', () => {
  assert.equal(problemOf(undefined), 'failed');
  assert.equal(problemOf(new TypeError('x')), 'failed');
});
