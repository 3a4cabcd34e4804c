/** What this device sends in a call: microphone and camera, and a shared screen beside them. */

import { OwnMedia } from './own_media.js';
import { OwnScreen } from './own_screen.js';

/** @import { Log } from '../log.js' */
/** @import { MediaState } from '../protocol.js' */
/** @import { DeviceProblems } from '../state/call.js' */
/** @import { Source, Wanted } from './devices.js' */
/** @import { Device } from './own_media.js' */
/** @import { ScreenSource } from './own_screen.js' */

/**
 * @typedef {object} SourcesOptions
 * @property {(Source & ScreenSource) | undefined} mediaDevices
 * @property {Log} log
 * @property {(role: Device | 'screen', track: MediaStreamTrack | null) => Promise<void> | undefined} send
 * @property {() => void} onChange what is on, or what is wrong, is different
 * @property {() => Promise<void>} onOther what the others hear and see is different; settles once the server has heard it
 */

export class Sources {
  #devices;
  #screen;

  /** @param {SourcesOptions} options */
  constructor(options) {
    const { onChange, onOther, send } = options;
    this.#devices = new OwnMedia({ ...options, onLost: onOther });
    this.#screen = new OwnScreen({
      ...options,
      send: (track) => send('screen', track),
      onChange: () => {
        onChange();
        return onOther();
      },
    });
  }

  /** @returns {MediaState} what the others hear and see */
  get on() {
    return { ...this.#devices.on, screen: this.#screen.on };
  }

  /** @returns {DeviceProblems} */
  get problems() {
    return this.#devices.problems;
  }

  /** @returns {MediaStream | null} the picture of the camera */
  get picture() {
    return this.#devices.picture;
  }

  /** @param {Wanted} wanted */
  open(wanted) {
    return this.#devices.open(wanted);
  }

  /** From here on what is captured is sent. */
  goLive() {
    return this.#devices.goLive();
  }

  /** Hands everything that is on to another media connection. */
  async sendAnew() {
    await Promise.all([this.#devices.sendAnew(), this.#screen.sendAnew()]);
  }

  /** Lets the devices go until `resume`. A shared screen is let go for good: only its person may choose one again. */
  async pause() {
    await Promise.all([this.#screen.stop(), this.#devices.pause()]);
  }

  /** Goes on as before `pause`. */
  resume() {
    return this.#devices.resume();
  }

  /**
   * @param {Device} device
   * @param {boolean} on
   */
  set(device, on) {
    return this.#devices.set(device, on);
  }

  /** @param {boolean} on */
  share(on) {
    return on ? this.#screen.start() : this.#screen.stop();
  }

  /** Somebody else shares their screen now. */
  screenTaken() {
    return this.#screen.taken();
  }

  /** Lets everything go, for good. */
  stop() {
    this.#screen.drop();
    this.#devices.stop();
  }
}
