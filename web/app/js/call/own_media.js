/** This device's microphone and camera during a call: opened, muted, let go, and what is wrong with them. */

import { openDevices } from './devices.js';

/** @import { Log } from '../log.js' */
/** @import { DeviceProblem, DeviceProblems } from '../state/call.js' */
/** @import { Source, Wanted } from './devices.js' */

/** @typedef {'microphone' | 'camera'} Device */

/**
 * @typedef {object} OwnMediaOptions
 * @property {Source | undefined} mediaDevices
 * @property {Log} log
 * @property {(device: Device, track: MediaStreamTrack | null) => Promise<void> | undefined} send
 * @property {() => void} onChange what is on, or what is wrong, is different
 * @property {() => void} onLost a device went away by itself
 */

/** @type {readonly Device[]} */
const DEVICES = Object.freeze(['microphone', 'camera']);

export class OwnMedia {
  #options;
  #stopped = false;
  #muted = false;
  /** Whether what is captured is sent; before somebody is there to hear, it is for this person's own eyes. */
  #live = false;
  /** What was on when the call was held. @type {Wanted & { muted: boolean } | null} */
  #paused = null;
  /** @type {Record<Device, MediaStreamTrack | null>} */
  #tracks = { microphone: null, camera: null };
  /** @type {DeviceProblems} */
  #problems = { microphone: null, camera: null };
  /** A device that is being opened is not opened twice. @type {Set<Device>} */
  #opening = new Set();
  /** What was being opened when the call was held is not used, even if it comes after the hold. */
  #holds = 0;
  /** @type {MediaStream | null} */
  #picture = null;

  /** @param {OwnMediaOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @returns {{ microphone: boolean, camera: boolean }} what the others hear and see */
  get on() {
    return { microphone: this.#tracks.microphone !== null && !this.#muted, camera: this.#tracks.camera !== null };
  }

  /** @returns {DeviceProblems} */
  get problems() {
    return this.#problems;
  }

  /** @returns {MediaStream | null} the picture that is sent */
  get picture() {
    return this.#picture;
  }

  /** From here on what is captured is sent. */
  async goLive() {
    if (this.#live || this.#stopped) return;
    this.#live = true;
    await this.#sendAll();
  }

  /** Hands everything that is on to another media connection. */
  async sendAnew() {
    if (this.#live && !this.#stopped) await this.#sendAll();
  }

  /** Lets the devices go until `resume`, and sends nothing. */
  async pause() {
    if (this.#paused || this.#stopped) return;
    const on = (/** @type {Device} */ device) => this.#tracks[device] !== null || this.#opening.has(device);
    this.#paused = { microphone: on('microphone'), camera: on('camera'), muted: this.#muted };
    this.#holds += 1;
    this.#opening.clear();
    for (const device of DEVICES) this.#drop(device);
    this.#options.onChange();
    await Promise.all(DEVICES.map((device) => this.#options.send(device, null)));
  }

  /** Goes on as before `pause`. */
  async resume() {
    const before = this.#paused;
    this.#paused = null;
    if (!before || this.#stopped) return;
    await this.open(before);
    if (before.muted && this.#tracks.microphone) this.#mute(this.#tracks.microphone, true);
  }

  /** @param {Wanted} wanted */
  async open(wanted) {
    const devices = DEVICES.filter((device) => wanted[device]);
    const holds = this.#holds;
    devices.forEach((device) => this.#opening.add(device));
    const opened = await openDevices(this.#options.mediaDevices, wanted);
    if (holds !== this.#holds) {
      for (const device of devices) opened[device]?.stop();
      return;
    }
    try {
      await Promise.all(devices.map((device) => this.#use(device, opened[device], opened.problems[device])));
    } catch (error) {
      for (const device of devices) {
        opened[device]?.stop();
        this.#drop(device);
      }
      throw error;
    } finally {
      if (holds === this.#holds) devices.forEach((device) => this.#opening.delete(device));
    }
    if (!this.#stopped) this.#options.onChange();
  }

  /**
   * Muting keeps the microphone, so that speaking again is instant; a camera that is off is let go, so that its light is too.
   * @param {Device} device
   * @param {boolean} on
   */
  async set(device, on) {
    if (this.#stopped || this.#paused || this.#opening.has(device)) return;
    if (device === 'microphone' && this.#tracks.microphone) this.#mute(this.#tracks.microphone, !on);
    else if (on) await this.open({ microphone: device === 'microphone', camera: device === 'camera' });
    else await this.#release(device, null);
  }

  /** Lets both go, for good. */
  stop() {
    this.#stopped = true;
    for (const device of DEVICES) this.#drop(device);
  }

  /**
   * @param {Device} device
   * @param {MediaStreamTrack | null} track
   * @param {DeviceProblem | null} problem
   */
  async #use(device, track, problem) {
    // Whatever was awaited before this, the call may have ended, or been held, meanwhile.
    if (this.#stopped || this.#paused) {
      track?.stop();
      return;
    }
    this.#problems = { ...this.#problems, [device]: problem };
    this.#tracks[device] = track;
    if (problem) this.#options.log.fault('media', `${device}: ${problem}`);
    if (device === 'microphone') this.#muted = false;
    else this.#picture = track ? new MediaStream([track]) : null;
    if (!track) return;
    track.addEventListener('ended', () => this.#lost(device, track));
    if (this.#live) await this.#options.send(device, track);
  }

  async #sendAll() {
    await Promise.all(DEVICES.map((device) => this.#tracks[device] && this.#options.send(device, this.#tracks[device])));
  }

  /**
   * @param {MediaStreamTrack} microphone
   * @param {boolean} muted
   */
  #mute(microphone, muted) {
    this.#muted = muted;
    microphone.enabled = !muted;
    this.#options.onChange();
  }

  /**
   * @param {Device} device
   * @param {DeviceProblem | null} problem
   */
  async #release(device, problem) {
    this.#drop(device);
    this.#problems = { ...this.#problems, [device]: problem };
    this.#options.onChange();
    if (this.#live) await this.#options.send(device, null);
  }

  /** @param {Device} device */
  #drop(device) {
    this.#tracks[device]?.stop();
    this.#tracks[device] = null;
    if (device === 'camera') this.#picture = null;
  }

  /**
   * @param {Device} device
   * @param {MediaStreamTrack} track
   */
  async #lost(device, track) {
    if (this.#stopped || this.#tracks[device] !== track) return;
    this.#options.log.fault('media', `${device} went away`);
    await this.#release(device, 'missing');
    this.#options.onLost();
  }
}
