/** One picture of this device on its way to the server: which track, and which of its layers. */

import { layersOf } from './encodings.js';

/** @import { Log } from '../log.js' */

/** What the server wants of a source. @typedef {{ active: boolean, rids: readonly string[] }} Wanted */

export class VideoSender {
  #source;
  #sender;
  #log;
  /** Until the server has said otherwise it wants all. @type {Wanted | null} */
  #wanted = null;
  /** @type {MediaStreamTrack | null} */
  #track = null;
  /** One change of a sender at a time: its parameters may be set only as they were read last. @type {Promise<void>} */
  #before = Promise.resolve();

  /**
   * @param {'camera' | 'screen'} source
   * @param {RTCRtpSender} sender
   * @param {Log} log
   */
  constructor(source, sender, log) {
    this.#source = source;
    this.#sender = sender;
    this.#log = log;
  }

  /**
   * Sends `track` from here on, or nothing.
   * @param {MediaStreamTrack | null} track
   */
  send(track) {
    return this.#inTurn(async () => {
      this.#track = track;
      // The layers first: a picture that begins with others would have to begin again.
      if (track) await this.#choose();
      await this.#sender.replaceTrack(track);
    });
  }

  /** @param {Wanted} wanted */
  want(wanted) {
    this.#wanted = wanted;
    return this.#inTurn(() => this.#choose());
  }

  async #choose() {
    const wanted = this.#wanted && (this.#wanted.active ? this.#wanted.rids : []);
    const layers = layersOf(this.#source, this.#track?.getSettings() ?? null, wanted);
    const parameters = this.#sender.getParameters();
    let changed = false;
    for (const encoding of parameters.encodings) {
      // A browser without simulcast has one encoding, which bears no name.
      const { active, scaleResolutionDownBy } = layers.find(({ rid }) => rid === encoding.rid) ?? this.#whole();
      changed ||= encoding.active !== active || (active && encoding.scaleResolutionDownBy !== scaleResolutionDownBy);
      Object.assign(encoding, { active, scaleResolutionDownBy });
    }
    if (!changed) return;
    try {
      await this.#sender.setParameters(parameters);
      const active = parameters.encodings.flatMap(({ rid = 'whole', active: on }) => (on ? rid : []));
      this.#log.note('media', `${this.#source} layers: ${active.join(' ') || 'none'}`);
    } catch (error) {
      // More is sent than is wanted, which the server leaves aside.
      this.#log.fault('media', `${this.#source} layers:`, error);
    }
  }

  #whole() {
    return { active: this.#wanted?.active ?? true, scaleResolutionDownBy: 1 };
  }

  /**
   * @param {() => Promise<void>} change
   * @returns {Promise<void>}
   */
  #inTurn(change) {
    const changed = this.#before.then(change);
    this.#before = changed.catch(() => {});
    return changed;
  }
}
