/**
 * Has the media connection of a ringing call ready before anybody accepts: making one takes a tenth of a second on a slow
 * phone, and ringing is the time for it. No device is opened and nothing is sent.
 */

import { Peer } from './peer.js';

/** @import { Log } from '../log.js' */
/** @import { Incoming } from '../state/state.js' */

export class Readiness {
  #log;
  /** @type {{ call: string, peer: Peer } | null} */
  #ready = null;

  /** @param {Log} log */
  constructor(log) {
    this.#log = log;
  }

  /** @param {Incoming | undefined} incoming the call that rings, if one does */
  prepare(incoming) {
    if (incoming?.call === this.#ready?.call) return;
    this.#ready?.peer.close();
    this.#ready = incoming ? this.#make(incoming) : null;
  }

  /**
   * @param {string} call
   * @returns {Peer | null} from here on the taker's to close
   */
  take(call) {
    if (this.#ready?.call !== call) return null;
    const { peer } = this.#ready;
    this.#ready = null;
    return peer;
  }

  /** @param {Incoming} incoming */
  #make({ call, others }) {
    try {
      const peer = new Peer(others.length + 1, this.#log);
      // A failure is told when the offer is asked for again.
      peer.offer().catch(() => {});
      return { call, peer };
    } catch (error) {
      this.#log.fault('media', 'no connection could be made ready:', error);
      return null;
    }
  }
}
