/** Microphone and camera: opened as far as they can be, with the reason for what cannot. */

/** @import { DeviceProblem, DeviceProblems } from '../state/call.js' */

/** @typedef {Pick<MediaDevices, 'getUserMedia'>} Source */
/** @typedef {{ microphone: boolean, camera: boolean }} Wanted */
/** @typedef {{ microphone: MediaStreamTrack | null, camera: MediaStreamTrack | null, problems: DeviceProblems }} Opened */

/** Good on a phone and on a laptop; browsers take the nearest the camera has. */
const CAMERA = Object.freeze({ width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, facingMode: 'user' });
const MICROPHONE = Object.freeze({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });

/**
 * Opens what is wanted. Asks once for both, so that the browser shows one question; where that fails each is asked for
 * alone, so that one missing device does not take the other away.
 * @param {Source | undefined} source `navigator.mediaDevices`, which insecure pages do not have
 * @param {Wanted} wanted
 * @returns {Promise<Opened>} never rejects
 */
export async function openDevices(source, wanted) {
  if (wanted.microphone && wanted.camera && source) {
    const both = await open(source, { audio: MICROPHONE, video: CAMERA });
    if (both.stream) {
      const [microphone = null] = both.stream.getAudioTracks();
      const [camera = null] = both.stream.getVideoTracks();
      return { microphone, camera, problems: { microphone: null, camera: null } };
    }
  }
  const microphone = wanted.microphone ? await openOne(source, { audio: MICROPHONE }) : NOT_WANTED;
  const camera = wanted.camera ? await openOne(source, { video: CAMERA }) : NOT_WANTED;
  return {
    microphone: microphone.track,
    camera: camera.track,
    problems: { microphone: microphone.problem, camera: camera.problem },
  };
}

/** @type {{ track: MediaStreamTrack | null, problem: DeviceProblem | null }} */
const NOT_WANTED = Object.freeze({ track: null, problem: null });

/**
 * What a `getUserMedia` error means to a person.
 * @param {unknown} error
 * @returns {DeviceProblem}
 */
export function problemOf(error) {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'in_use';
    default:
      return 'failed';
  }
}

/**
 * @param {Source | undefined} source
 * @param {MediaStreamConstraints} constraints
 * @returns {Promise<{ track: MediaStreamTrack | null, problem: DeviceProblem | null }>}
 */
async function openOne(source, constraints) {
  if (!source) return { track: null, problem: 'insecure' };
  const { stream, problem } = await open(source, constraints);
  return { track: stream?.getTracks()[0] ?? null, problem };
}

/**
 * @param {Source} source
 * @param {MediaStreamConstraints} constraints
 * @returns {Promise<{ stream: MediaStream | null, problem: DeviceProblem | null }>}
 */
async function open(source, constraints) {
  try {
    return { stream: await source.getUserMedia(constraints), problem: null };
  } catch (error) {
    return { stream: null, problem: problemOf(error) };
  }
}
