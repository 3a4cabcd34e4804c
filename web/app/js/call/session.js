/**
 * One call as this device takes part in it: its devices, its media connection and its requests, from the click until
 * everything is released. It tells what happens by actions and never looks at the page.
 */

import { SignalError } from '../signal.js';
import { openDevices } from './devices.js';
import { Peer } from './peer.js';

/** @import { Log } from '../log.js' */
/** @import { CallKind, MediaState, Offer, Person, Reply } from '../protocol.js' */
/** @import { Signal } from '../signal.js' */
/** @import { Action } from '../state/state.js' */
/** @import { DeviceProblems, OwnEndReason } from '../state/call.js' */
/** @import { Opened, Wanted } from './devices.js' */

/** @typedef {'microphone' | 'camera'} Device */

/**
 * @typedef {object} SessionOptions
 * @property {number} key
 * @property {CallKind} kind
 * @property {Person[]} people
 * @property {Pick<Signal, 'request'>} signal
 * @property {Log} log
 * @property {(action: Action) => void} dispatch
 * @property {() => number} now
 */

export class Session {
  #options;
  /** @type {Peer | null} */
  #peer = null;
  /** @type {string | null} */
  #id = null;
  #closed = false;
  /** @type {Record<Device, MediaStreamTrack | null>} */
  #tracks = { microphone: null, camera: null };
  /** @type {DeviceProblems} */
  #problems = { microphone: null, camera: null };
  #muted = false;
  /** A camera that is being opened is not opened twice. @type {Set<Device>} */
  #opening = new Set();
  /** @type {MediaStream | null} */
  #ownPicture = null;

  /** @param {SessionOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @returns {string | null} the server's name for the call */
  get id() {
    return this.#id;
  }

  /** @returns {MediaStream | null} the picture this device sends */
  get ownPicture() {
    return this.#ownPicture;
  }

  /** @returns {Peer | null} */
  get peer() {
    return this.#peer;
  }

  /** Calls the people. Devices come first: nobody's phone rings while this person still reads a question of the browser. */
  async place() {
    await this.#attempt(async (peer) => {
      await this.#open(this.#firstWanted());
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
      const opened = this.#open(this.#firstWanted());
      await this.#join(peer, (offer) => ({ type: 'accept', call, offer }));
      await opened;
      this.#tellMedia();
    });
  }

  /**
   * Turns the microphone or camera on or off.
   * @param {Device} device
   * @param {boolean} on
   */
  async set(device, on) {
    if (this.#closed || this.#opening.has(device)) return;
    if (device === 'microphone' && this.#tracks.microphone) this.#mute(!on);
    else if (on) await this.#open({ microphone: device === 'microphone', camera: device === 'camera' });
    else await this.#release(device);
    this.#tellMedia();
  }

  /**
   * Leaves, and tells the server so.
   * @param {boolean} answered whether anyone took part
   * @param {boolean} outgoing
   */
  leave(answered, outgoing) {
    const call = this.#id;
    this.close();
    if (call) this.#tellLeft(call, outgoing && !answered);
  }

  /** Lets go of the devices and the connection; the light of the camera goes out. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    for (const device of /** @type {Device[]} */ (['microphone', 'camera'])) this.#tracks[device]?.stop();
    this.#tracks = { microphone: null, camera: null };
    this.#ownPicture = null;
    this.#peer?.close();
  }

  /** @returns {Wanted} */
  #firstWanted() {
    return { microphone: true, camera: this.#options.kind === 'video' };
  }

  /** @param {(peer: Peer) => Promise<void>} joining */
  async #attempt(joining) {
    const { log } = this.#options;
    try {
      const peer = new Peer({ others: this.#options.people.length, log, onState: (state) => this.#peerState(state) });
      this.#peer = peer;
      await joining(peer);
    } catch (error) {
      if (this.#closed) return;
      log.fault('call', 'could not be made:', error);
      if (error instanceof SignalError) this.#end(null, error.code);
      else this.#end('unsupported');
    }
  }

  /**
   * @param {Peer} peer
   * @param {(offer: Offer) => import('../protocol.js').Request} ask
   */
  async #join(peer, ask) {
    if (this.#closed) return;
    const offer = await peer.offer();
    if (this.#closed) return;
    const { key, dispatch, signal, now } = this.#options;
    dispatch({ type: 'call_offered', key });
    /** @type {Reply} */
    const reply = await signal.request(ask(offer));
    if (reply.type === 'done') throw new SignalError('wrong_state');
    this.#id = reply.call;
    // Hung up while the server was placing the call: it learns that as soon as the call has a name.
    if (this.#closed) return this.#tellLeft(reply.call, reply.type === 'placed');
    dispatch({ type: 'call_joined', key, id: reply.call, seats: reply.seats, now: now() });
    if (this.#closed) return;
    await peer.answer(reply.answer);
  }

  /** @param {Wanted} wanted */
  async #open(wanted) {
    const devices = /** @type {Device[]} */ (['microphone', 'camera']).filter((device) => wanted[device]);
    devices.forEach((device) => this.#opening.add(device));
    const opened = await openDevices(navigator.mediaDevices, wanted);
    devices.forEach((device) => this.#opening.delete(device));
    if (this.#closed) {
      opened.microphone?.stop();
      opened.camera?.stop();
      return;
    }
    for (const device of devices) await this.#use(device, opened);
    this.#show();
  }

  /**
   * @param {Device} device
   * @param {Opened} opened
   */
  async #use(device, opened) {
    const track = opened[device];
    const problem = opened.problems[device];
    this.#problems = { ...this.#problems, [device]: problem };
    this.#tracks[device] = track;
    if (problem) this.#options.log.fault('media', `${device}: ${problem}`);
    if (device === 'microphone') this.#muted = false;
    if (device === 'camera') this.#ownPicture = track ? new MediaStream([track]) : null;
    if (!track) return;
    track.addEventListener('ended', () => this.#unplugged(device, track));
    await this.#peer?.send(device, track);
  }

  /** @param {boolean} muted */
  #mute(muted) {
    this.#muted = muted;
    if (this.#tracks.microphone) this.#tracks.microphone.enabled = !muted;
    this.#show();
  }

  /** @param {Device} device */
  async #release(device) {
    this.#tracks[device]?.stop();
    this.#tracks[device] = null;
    if (device === 'camera') this.#ownPicture = null;
    this.#problems = { ...this.#problems, [device]: null };
    this.#show();
    await this.#peer?.send(device, null);
  }

  /**
   * @param {Device} device
   * @param {MediaStreamTrack} track
   */
  async #unplugged(device, track) {
    if (this.#closed || this.#tracks[device] !== track) return;
    this.#options.log.fault('media', `${device} went away`);
    await this.#release(device);
    this.#problems = { ...this.#problems, [device]: 'missing' };
    this.#show();
    this.#tellMedia();
  }

  /** @returns {MediaState} */
  #media() {
    return { microphone: this.#tracks.microphone !== null && !this.#muted, camera: this.#tracks.camera !== null, screen: false };
  }

  #show() {
    if (this.#closed) return;
    const { microphone, camera } = this.#media();
    this.#options.dispatch({ type: 'call_own_media', key: this.#options.key, own: { microphone, camera }, problems: this.#problems });
  }

  #tellMedia() {
    if (this.#closed || !this.#id) return;
    this.#ask({ type: 'set_media', call: this.#id, media: this.#media() });
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
      if (unanswered && error instanceof SignalError && error.code === 'wrong_state') this.#ask({ type: 'hang_up', call });
      else log.note('call', 'leaving:', error);
    }
  }

  /** @param {import('../protocol.js').Request} request */
  #ask(request) {
    const { signal, log } = this.#options;
    signal.request(request).catch((error) => log.fault('call', `${request.type}:`, error));
  }

  /** @param {'up' | 'interrupted' | 'failed'} state */
  #peerState(state) {
    if (this.#closed) return;
    const { key, dispatch } = this.#options;
    if (state !== 'failed') {
      dispatch({ type: 'call_media', key, media: state });
      return;
    }
    const call = this.#id;
    this.#end('media_failed');
    if (call) this.#tellLeft(call, false);
  }

  /**
   * @param {OwnEndReason | null} reason
   * @param {string} [code]
   */
  #end(reason, code) {
    this.close();
    const { key, dispatch, now } = this.#options;
    dispatch(code === undefined ? { type: 'call_over', key, reason, now: now() } : { type: 'call_over', key, reason, code, now: now() });
  }
}
