/**
 * One call as this device takes part in it: its devices, its media connection and its requests, from the click until
 * everything is released. It tells what happens by actions and never looks at the page.
 */

import { SignalError } from '../signal.js';
import { ownMedia } from '../state/call.js';
import { OwnMedia } from './own_media.js';

/** @import { Log } from '../log.js' */
/** @import { CallKind, Offer, Person, Reply, Request } from '../protocol.js' */
/** @import { Signal } from '../signal.js' */
/** @import { Action } from '../state/state.js' */
/** @import { OwnEndReason } from '../state/call.js' */
/** @import { Source, Wanted } from './devices.js' */
/** @import { Device } from './own_media.js' */
/** @import { Peer, PeerState } from './peer.js' */

/**
 * @typedef {object} SessionOptions
 * @property {number} key
 * @property {CallKind} kind
 * @property {Person[]} people
 * @property {Pick<Signal, 'request'>} signal
 * @property {Log} log
 * @property {(action: Action) => void} dispatch
 * @property {() => number} now
 * @property {() => Peer} makePeer may throw where the browser has no WebRTC
 * @property {Source | undefined} mediaDevices
 */

export class Session {
  #options;
  #own;
  /** @type {Peer | null} */
  #peer = null;
  /** @type {string | null} */
  #id = null;
  /** Whether the server was asked to place or accept the call. */
  #asked = false;
  #closed = false;

  /** @param {SessionOptions} options */
  constructor(options) {
    this.#options = options;
    this.#own = new OwnMedia({
      mediaDevices: options.mediaDevices,
      log: options.log,
      send: (device, track) => this.#peer?.send(device, track),
      onChange: () => this.#show(),
      onLost: () => this.#tellMedia(),
    });
  }

  /** @returns {MediaStream | null} the picture this device sends */
  get ownPicture() {
    return this.#own.picture;
  }

  /** @returns {Peer | null} */
  get peer() {
    return this.#peer;
  }

  /** Calls the people. Devices come first: nobody's phone rings while this person still reads a question of the browser. */
  async place() {
    await this.#attempt(async (peer) => {
      await this.#own.open(this.#firstWanted());
      const callees = this.#options.people.map(({ id }) => id);
      await this.#join(peer, (offer) => ({ type: 'place', callees, kind: this.#options.kind, offer }));
      this.#tellMedia();
    });
  }

  /**
   * Takes a ringing call. Devices are opened beside the joining, so that the caller is seen at once even where a camera
   * needs a second to warm up or a question of the browser waits.
   * @param {string} call
   */
  async accept(call) {
    this.#id = call;
    await this.#attempt(async (peer) => {
      const opened = this.#own.open(this.#firstWanted());
      await Promise.all([opened, this.#join(peer, (offer) => ({ type: 'accept', call, offer }))]);
      this.#tellMedia();
    });
  }

  /**
   * Turns the microphone or camera on or off.
   * @param {Device} device
   * @param {boolean} on
   */
  async set(device, on) {
    if (this.#closed) return;
    await this.#own.set(device, on);
    this.#tellMedia();
  }

  /**
   * Leaves, and tells the server so.
   * @param {boolean} answered whether anyone took part
   * @param {boolean} outgoing
   */
  async leave(answered, outgoing) {
    if (this.#closed) return;
    this.#fallSilent();
    // The media connection closes after the word is through: were it gone first, it would look like a lost one.
    if (this.#id && this.#asked) await this.#tellLeft(this.#id, outgoing && !answered);
    else if (this.#id) this.#ask({ type: 'decline', call: this.#id });
    this.#peer?.close();
  }

  /**
   * Leaves with one word sent at once and nothing waited for. The media connection is left to the page's end, so that the
   * word is through before it. A call that still rings goes on ringing: on other devices, or here after a reload.
   */
  abandon() {
    if (this.#closed) return;
    this.#fallSilent();
    if (this.#id && this.#asked) this.#tellLeft(this.#id, false);
  }

  /** Ends a call whose media did not get through in time. */
  giveUpMedia() {
    if (!this.#closed) this.#fail('media_failed');
  }

  /** Lets go of the devices and the connection. */
  close() {
    if (this.#closed) return;
    this.#fallSilent();
    this.#peer?.close();
  }

  /** From here on nothing is sent, shown or told any more. */
  #fallSilent() {
    this.#closed = true;
    this.#own.stop();
  }

  /** @returns {Wanted} */
  #firstWanted() {
    return { microphone: true, camera: this.#options.kind === 'video' };
  }

  /** @param {(peer: Peer) => Promise<void>} joining */
  async #attempt(joining) {
    const { log, makePeer } = this.#options;
    try {
      const peer = makePeer();
      peer.follow((state) => this.#peerState(state));
      this.#peer = peer;
      await joining(peer);
    } catch (error) {
      if (this.#closed) return;
      log.fault('call', 'could not be made:', error);
      if (error instanceof SignalError) this.#end(null, error.code);
      else this.#fail('unsupported');
    }
  }

  /**
   * @param {Peer} peer
   * @param {(offer: Offer) => Request} ask
   */
  async #join(peer, ask) {
    if (this.#closed) return;
    const offer = await peer.offer();
    if (this.#closed) return;
    const { key, dispatch, signal, now } = this.#options;
    dispatch({ type: 'call_offered', key });
    this.#asked = true;
    /** @type {Reply} */
    const reply = await signal.request(ask(offer), (late) => this.#giveBack(late));
    if (reply.type === 'done') throw new SignalError('wrong_state');
    this.#id = reply.call;
    if (this.#closed) {
      this.#giveBack(reply);
      return;
    }
    dispatch({ type: 'call_joined', key, id: reply.call, seats: reply.seats, now: now() });
    if (this.#closed) return;
    await peer.answer(reply.answer);
  }

  /**
   * Leaves the seat that the server gave to a device no longer there for it. A word sent before the seat was given was
   * refused; one that crossed the reply has been heard, and a second does no harm.
   * @param {Reply} reply
   */
  #giveBack(reply) {
    if (reply.type !== 'done') this.#tellLeft(reply.call, false);
  }

  #show() {
    if (this.#closed) return;
    const { key, dispatch } = this.#options;
    dispatch({ type: 'call_own_media', key, own: this.#own.on, problems: this.#own.problems });
  }

  #tellMedia() {
    if (this.#closed || !this.#id) return;
    this.#ask({ type: 'set_media', call: this.#id, media: ownMedia(this.#own.on) });
  }

  /**
   * @param {string} call
   * @param {boolean} unanswered
   */
  async #tellLeft(call, unanswered) {
    const { signal, log } = this.#options;
    try {
      await signal.request({ type: unanswered ? 'cancel' : 'hang_up', call });
    } catch (error) {
      // Somebody accepted while the cancel was on its way.
      if (unanswered && error instanceof SignalError && error.code === 'wrong_state') await this.#tellLeft(call, false);
      else log.note('call', 'leaving:', error);
    }
  }

  /** @param {Request} request */
  #ask(request) {
    const { signal, log } = this.#options;
    signal.request(request).catch((error) => log.fault('call', `${request.type}:`, error));
  }

  /** @param {PeerState} state */
  #peerState(state) {
    if (this.#closed) return;
    const { key, dispatch, now } = this.#options;
    if (state !== 'failed') {
      dispatch({ type: 'call_media', key, media: state, now: now() });
      return;
    }
    this.#fail('media_failed');
  }

  /**
   * Ends what this device cannot go on with, and tells the server so.
   * @param {OwnEndReason} reason
   */
  #fail(reason) {
    if (this.#id && this.#asked) this.#tellLeft(this.#id, false);
    this.#end(reason);
  }

  /**
   * @param {OwnEndReason | null} reason
   * @param {string} [code]
   */
  #end(reason, code) {
    this.close();
    const { key, dispatch, now } = this.#options;
    dispatch({ type: 'call_over', key, reason, code: code ?? null, now: now() });
  }
}
