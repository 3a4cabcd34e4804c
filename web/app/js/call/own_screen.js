/** This device's shared screen during a call: asked for, sent, and let go. */

/** @import { Log } from '../log.js' */

/** `navigator.mediaDevices`, which lacks this on phones. @typedef {Partial<Pick<MediaDevices, 'getDisplayMedia'>>} ScreenSource */

/**
 * @typedef {object} OwnScreenOptions
 * @property {ScreenSource | undefined} mediaDevices
 * @property {Log} log
 * @property {(track: MediaStreamTrack | null) => Promise<void> | undefined} send
 * @property {() => Promise<unknown> | void} onChange whether it is shared is different; settles once the server has heard that
 */

/** A page that is read moves seldom: frames are spared for sharpness. The page of the call itself is not worth offering. */
const SCREEN = Object.freeze({ video: { frameRate: { max: 15 } }, audio: false, selfBrowserSurface: 'exclude', surfaceSwitching: 'include' });

export class OwnScreen {
  #options;
  /** @type {MediaStreamTrack | null} */
  #track = null;
  /** What the browser's question gives is not used once this has moved on. */
  #turn = 0;
  #asking = false;
  /**
   * Settles once the server has heard that the screen is shared no more. A word that it was taken over comes before that, or
   * never: heard while the next one is shared, it would seem to be about that.
   * @type {Promise<unknown> | void}
   */
  #ending = undefined;

  /** @param {OwnScreenOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @returns {boolean} whether it is shared */
  get on() {
    return this.#track !== null;
  }

  /** Asks which screen or window to share, and shares it. Somebody who does not choose shares nothing. */
  async start() {
    const { log, onChange, send } = this.#options;
    if (this.#track || this.#asking) return;
    const turn = this.#turn;
    const track = await this.#choose();
    if (!track) return;
    if (turn !== this.#turn || track.readyState === 'ended') {
      track.stop();
      return;
    }
    this.#track = track;
    track.contentHint = 'detail';
    track.addEventListener('ended', () => this.#ended(track).catch((error) => log.fault('media', 'screen:', error)));
    try {
      await send(track);
    } catch (error) {
      this.drop();
      throw error;
    }
    if (this.#track === track) onChange();
  }

  /** Hands it to another media connection. */
  async sendAnew() {
    if (this.#track) await this.#options.send(this.#track);
  }

  async stop() {
    if (!this.drop()) return;
    this.#ending = this.#options.onChange();
    await this.#options.send(null);
  }

  /** @returns {boolean} whether it was shared; nobody is told */
  drop() {
    this.#turn += 1;
    const track = this.#track;
    this.#track = null;
    track?.stop();
    return track !== null;
  }

  /** Somebody else's is shown in its place. Who is being asked which screen to share next may go on choosing. */
  async taken() {
    if (this.#track) await this.stop();
  }

  /** @returns {Promise<MediaStreamTrack | null>} once it may be shared */
  async #choose() {
    this.#asking = true;
    try {
      const track = await this.#ask();
      await this.#ending;
      return track;
    } finally {
      this.#asking = false;
    }
  }

  /** @returns {Promise<MediaStreamTrack | null>} */
  async #ask() {
    const { log, mediaDevices } = this.#options;
    try {
      const stream = await mediaDevices?.getDisplayMedia?.(/** @type {DisplayMediaStreamOptions} */ (SCREEN));
      return stream?.getVideoTracks()[0] ?? null;
    } catch (error) {
      log.note('media', 'no screen shared:', error);
      return null;
    }
  }

  /** @param {MediaStreamTrack} track by the browser's own button, or because the window was closed */
  async #ended(track) {
    if (this.#track === track) await this.stop();
  }
}
