/** Records a voice clip: from the click until it is sent or thrown away, and never longer than a clip may be. */

import { problemOf } from '../call/devices.js';

/** @import { DeviceProblem } from '../state/call.js' */

/** The longest clip the server takes. */
export const LONGEST_MS = 5 * 60_000;
/** Speech in Opus is clear at this rate, and five minutes of it stay far below the 5 MB a clip may have. */
const BITS_PER_SECOND = 32_000;
/** What browsers can record, the first that this one can; Safari records MP4 alone. */
const TYPES = Object.freeze(['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4']);
/** Shorter than this is a slip of the finger. */
const SHORTEST_MS = 400;

/** @typedef {'idle' | 'asking' | 'recording'} RecorderState */

/**
 * @typedef {object} RecorderOptions
 * @property {Pick<MediaDevices, 'getUserMedia'> | undefined} mediaDevices
 * @property {(state: RecorderState) => void} onState
 * @property {(clip: Blob) => void} onClip
 * @property {(problem: DeviceProblem) => void} onProblem
 * @property {() => number} now
 */

export class Recorder {
  #options;
  /** @type {RecorderState} */
  #state = 'idle';
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {MediaStream | null} */
  #stream = null;
  #startedAt = 0;
  /** Tells the recording in hand from one given up while the browser still asked for the microphone. */
  #turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {RecorderOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @returns {number} milliseconds recorded so far */
  get elapsedMs() {
    return this.#state === 'recording' ? this.#options.now() - this.#startedAt : 0;
  }

  async start() {
    if (this.#state !== 'idle') return;
    const turn = (this.#turn += 1);
    this.#become('asking');
    const { mediaDevices, onProblem } = this.#options;
    try {
      if (!mediaDevices) throw Object.assign(new Error('not a secure page'), { name: 'InsecureError' });
      const stream = await mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
      if (turn === this.#turn) this.#record(stream);
      else stopAll(stream);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.cancel();
      onProblem(mediaDevices ? problemOf(error) : 'insecure');
    }
  }

  /** Ends the recording and hands the clip over. */
  finish() {
    if (this.#state !== 'recording') return;
    if (this.elapsedMs < SHORTEST_MS) this.cancel();
    else this.#recorder?.stop();
  }

  /** Throws the recording away. */
  cancel() {
    this.#turn += 1;
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder && recorder.state !== 'inactive') recorder.stop();
    this.#release();
  }

  /** @param {MediaStream} stream */
  #record(stream) {
    const type = TYPES.find((candidate) => MediaRecorder.isTypeSupported(candidate));
    const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS_PER_SECOND, ...(type ? { mimeType: type } : {}) });
    /** @type {Blob[]} */
    const pieces = [];
    recorder.addEventListener('dataavailable', ({ data }) => {
      if (data.size > 0) pieces.push(data);
    });
    recorder.addEventListener('stop', () => {
      if (this.#recorder !== recorder) return;
      this.#recorder = null;
      this.#release();
      // The parameters of the type say nothing the server does not find out by itself.
      const [plain = ''] = (recorder.mimeType || type || '').split(';');
      this.#options.onClip(new Blob(pieces, { type: plain }));
    });
    this.#stream = stream;
    this.#recorder = recorder;
    recorder.start(1000);
    this.#startedAt = this.#options.now();
    this.#timer = setTimeout(() => this.finish(), LONGEST_MS - 500);
    this.#become('recording');
  }

  #release() {
    clearTimeout(this.#timer);
    if (this.#stream) stopAll(this.#stream);
    this.#stream = null;
    this.#become('idle');
  }

  /** @param {RecorderState} state */
  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}

/** @param {MediaStream} stream */
function stopAll(stream) {
  for (const track of stream.getTracks()) track.stop();
}
