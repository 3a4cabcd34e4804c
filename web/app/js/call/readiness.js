/**
 * Connects the media of a ringing call before anybody accepts: that takes a tenth of a second on a slow phone, and ringing
 * is the time for it. No device is opened and nothing is sent.
 */

/** @import { Log } from '../log.js' */
/** @import { ServerEvent } from '../protocol.js' */
/** @import { Signal } from '../signal/signal.js' */
/** @import { Incoming } from '../state/calls.js' */
/** @import { Peer } from './peer.js' */

/** @typedef {Extract<ServerEvent, { type: 'layers_wanted' }>} LayersWanted */

/**
 * What accepting begins with: from here on the taker's to close. Whether the server takes the call without another offer is
 * known once it has answered this one.
 * @typedef {{ peer: Peer, warm: Promise<boolean> }} Ready
 */

export class Readiness {
  #log;
  #signal;
  #makePeer;
  /** @type {{ call: string, peer: Peer, warm: Promise<boolean>, failed: boolean } | null} */
  #ready = null;

  /**
   * @param {Log} log
   * @param {Pick<Signal, 'request'>} signal
   * @param {(others: number) => Peer} makePeer
   */
  constructor(log, signal, makePeer) {
    this.#log = log;
    this.#signal = signal;
    this.#makePeer = makePeer;
  }

  /** @param {Incoming | undefined} incoming the call that rings, if one does */
  prepare(incoming) {
    if (incoming?.call === this.#ready?.call) return;
    this.#ready?.peer.close();
    this.#ready = null;
    if (incoming) this.#begin(incoming);
  }

  /**
   * @param {LayersWanted} event
   * @returns {boolean} whether it is about the call that is made ready
   */
  hear({ call, track, active, rids }) {
    if (this.#ready?.call !== call) return false;
    this.#ready.peer.want(track, { active, rids }).catch((error) => this.#log.fault('media', 'layers:', error));
    return true;
  }

  /**
   * @param {string} call
   * @returns {Ready | null}
   */
  take(call) {
    const ready = this.#ready;
    if (ready?.call !== call) return null;
    this.#ready = null;
    ready.peer.follow(() => {});
    if (!ready.failed) return { peer: ready.peer, warm: ready.warm };
    ready.peer.close();
    return null;
  }

  /** @param {Incoming} incoming */
  #begin({ call, others }) {
    try {
      const peer = this.#makePeer(others.length + 1);
      peer.follow((state) => {
        if (state === 'failed' && this.#ready?.peer === peer) this.#ready.failed = true;
      });
      this.#ready = { call, peer, warm: this.#warm(call, peer), failed: false };
    } catch (error) {
      this.#log.fault('media', 'no connection could be made ready:', error);
    }
  }

  /**
   * @param {string} call
   * @param {Peer} peer
   * @returns {Promise<boolean>} whether the server has this device's offer, and the device its answer
   */
  async #warm(call, peer) {
    try {
      const offer = await peer.offer();
      const reply = await this.#signal.request({ type: 'warm', call, offer });
      if (reply.type !== 'warmed') return false;
      await peer.answer(reply.answer);
      return true;
    } catch (error) {
      this.#log.note('media', 'not connected ahead:', error);
      return false;
    }
  }
}
