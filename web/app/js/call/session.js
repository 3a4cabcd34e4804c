/**
 * One call as this device takes part in it: its devices, its media connection and its requests, from the click until
 * everything is released. It tells what happens by actions and never looks at the page.
 */

import { SignalError } from '../signal/error.js';
import { ownMedia } from '../state/call.js';
import { Hold } from './hold.js';
import { OwnMedia } from './own_media.js';
import { slotsFor } from './plan.js';
import { Repair } from './repair.js';
import { Reporter } from './reporter.js';
import { Word } from './word.js';

/** @import { Current, Offer, Reply, Request } from '../protocol.js' */
/** @import { OwnEndReason } from '../state/call.js' */
/** @import { Wanted } from './devices.js' */
/** @import { Device } from './own_media.js' */
/** @import { Peer, PeerState } from './peer.js' */
/** @import { Ready } from './readiness.js' */
/** @import { SessionOptions } from './session_options.js' */

/** Refusals after which no other try can help: the seat is not there any more. */
const GONE = new Set(['unknown_call', 'call_over', 'wrong_state', 'answered_elsewhere']);

export class Session {
  #options;
  #own;
  #hold;
  #repair;
  #reporter;
  #word;
  /** @type {Peer | null} */
  #peer = null;
  /** @type {string | null} */
  #id = null;
  /** Whether the server was asked to place, accept or join the call. */
  #asked = false;
  #closed = false;
  /** Whether media was connected once. */
  #wasUp = false;
  /** @type {Promise<void> | null} */
  #renewing = null;
  /** How many people the media connection has to have room for. */
  #others;
  /** @type {Wanted} */
  #first;

  /** @param {SessionOptions} options */
  constructor(options) {
    this.#options = options;
    this.#others = options.people.length;
    this.#first = { microphone: true, camera: options.kind === 'video' };
    this.#word = new Word(options);
    this.#own = new OwnMedia({
      mediaDevices: options.mediaDevices,
      log: options.log,
      send: (device, track) => this.#peer?.send(device, track),
      onChange: () => this.#show(),
      onLost: () => this.#tellMedia(),
    });
    this.#repair = new Repair(() => this.#renew(), () => this.#fail('media_failed'));
    this.#reporter = new Reporter(
      () => this.#peer?.stats(),
      (quality) => {
        if (this.#id) this.#word.tell({ type: 'report', call: this.#id, quality });
      },
    );
    this.#hold = new Hold({
      ...options,
      own: this.#own,
      reporter: this.#reporter,
      renew: () => this.#renew(),
      isOver: () => this.#closed,
      onMedia: () => this.#tellMedia(),
    });
  }

  get ownPicture() {
    return this.#own.picture;
  }

  get peer() {
    return this.#peer;
  }

  /**
   * Calls the people. Devices come first: nobody's phone rings while this person still reads a question of the browser.
   * What they capture is shown to this person alone until somebody answers.
   */
  async place() {
    await this.#attempt(null, async (peer) => {
      await this.#own.open(this.#first);
      const callees = this.#options.people.map(({ id }) => id);
      await this.#take(peer, (offer) => ({ type: 'place', callees, kind: this.#options.kind, offer }));
      this.#tellMedia();
    });
  }

  /**
   * Takes a ringing call. Devices are opened beside the joining, so that the caller is seen at once even where a camera
   * needs a second to warm up or a question of the browser waits.
   * @param {string} call
   * @param {{ ready?: Ready | null, current?: Current | undefined }} [how]
   */
  async accept(call, { ready = null, current } = {}) {
    this.#id = call;
    const more = current ? { current } : {};
    await this.#attempt(ready, async (peer) => {
      this.#own.goLive();
      const taken = ready
        ? this.#takeWarm(ready, { type: 'accept', call, ...more })
        : this.#take(peer, (offer) => ({ type: 'accept', call, offer, ...more }));
      await Promise.all([this.#own.open(this.#first), taken]);
      this.#tellMedia();
    });
  }

  /**
   * Takes the seat of a call that runs: from another device, or after leaving it.
   * @param {string} call
   * @param {Current} [current]
   */
  async join(call, current) {
    this.#id = call;
    await this.#attempt(null, async (peer) => {
      this.#own.goLive();
      const taken = this.#take(peer, (offer) => ({ type: 'join', call, offer, ...(current ? { current } : {}) }));
      await Promise.all([this.#own.open(this.#first), taken]);
      this.#tellMedia();
    });
  }

  /** Somebody is there: what is captured is sent, and how it is received is reported. */
  flow() {
    if (this.#closed || this.#hold.quiet) return;
    this.#own.goLive().catch((error) => this.#options.log.fault('media', 'not sent:', error));
    this.#reporter.start();
  }

  /**
   * More people have come than this connection has room for.
   * @param {number} others
   */
  makeRoom(others) {
    if (this.#closed || others <= this.#others) return;
    this.#others = others;
    this.#widen();
  }

  /** Connects the media of this device anew, at once. */
  renew() {
    if (!this.#closed) this.#repair.now();
  }

  /** Keeps the seat; nothing is captured or sent until `unhold`. */
  async hold() {
    if (this.#id && !this.#closed) await this.#hold.begin(this.#id);
  }

  /** Stops capturing and sending; the server has been told, or will be, by another request. */
  async quiet() {
    if (!this.#closed) await this.#hold.silence();
  }

  /** @param {Current} [current] what becomes of another call this user is in */
  async unhold(current) {
    if (this.#id && !this.#closed) await this.#hold.end(this.#id, current);
  }

  /** Captures and sends again, as before it was held. */
  goOn() {
    return this.#hold.goOn();
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
    const report = this.#reporter.last();
    this.#fallSilent();
    if (report) await report;
    // The media connection closes after the word is through: were it gone first, it would look like a lost one.
    if (this.#id && this.#asked) await this.#word.left(this.#id, outgoing && !answered);
    else if (this.#id) this.#word.tell({ type: 'decline', call: this.#id });
    this.#peer?.close();
  }

  /**
   * Leaves with one word sent at once and nothing waited for. The media connection is left to the page's end, so that the
   * word is through before it. A call that still rings goes on ringing: on other devices, or here after a reload.
   */
  abandon() {
    if (this.#closed) return;
    this.#fallSilent();
    if (this.#id && this.#asked) this.#word.left(this.#id, false);
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
    this.#repair.stop();
    this.#reporter.stop();
    this.#own.stop();
  }

  /**
   * @param {Ready | null} ready
   * @param {(peer: Peer) => Promise<void>} taking
   */
  async #attempt(ready, taking) {
    try {
      await taking(this.#use(ready?.peer ?? this.#options.makePeer(this.#others)));
    } catch (error) {
      if (this.#closed) return;
      this.#options.log.fault('call', 'could not be made:', error);
      if (error instanceof SignalError) this.#end(null, error.code);
      else this.#fail('unsupported');
    }
  }

  /**
   * @param {Peer} peer
   * @returns {Peer}
   */
  #use(peer) {
    this.#peer = peer;
    peer.follow((state) => {
      if (this.#peer === peer) this.#peerState(state);
    });
    return peer;
  }

  /**
   * @param {Peer} peer
   * @param {(offer: Offer) => Request} ask
   */
  async #take(peer, ask) {
    if (this.#closed) return;
    const offer = await peer.offer();
    if (this.#closed) return;
    const reply = await this.#seat(ask(offer));
    if (reply?.answer) await peer.answer(reply.answer);
  }

  /**
   * Takes a call whose media is connected already. Where the server has lost that connection meanwhile, another is offered.
   * @param {Ready} ready
   * @param {Extract<Request, { type: 'accept' }>} request
   */
  async #takeWarm(ready, request) {
    try {
      if (!(await ready.warm)) throw new SignalError('no_offer');
      if (!this.#closed) await this.#seat(request);
    } catch (error) {
      if (!(error instanceof SignalError) || error.code !== 'no_offer' || this.#closed) throw error;
      this.#peer?.close();
      const peer = this.#use(this.#options.makePeer(this.#others));
      await this.#take(peer, (offer) => ({ ...request, offer }));
      await this.#own.sendAnew();
    }
  }

  /**
   * @param {Request} request
   * @returns {Promise<Extract<Reply, { seats: unknown }> | null>} nothing where the call ended meanwhile
   */
  async #seat(request) {
    const { key, dispatch, signal, now } = this.#options;
    dispatch({ type: 'call_offered', key });
    this.#asked = true;
    const reply = await signal.request(request, (late) => this.#word.giveBack(late));
    if (!('seats' in reply)) throw new SignalError('wrong_state');
    this.#id = reply.call;
    if (this.#closed) {
      this.#word.giveBack(reply);
      return null;
    }
    const since = reply.type === 'joined' ? reply.answered_ms_ago : undefined;
    const answered = since !== undefined && { answeredAt: now() - since };
    dispatch({ type: 'call_joined', key, id: reply.call, seats: reply.seats, now: now(), ...answered });
    return this.#closed ? null : reply;
  }

  /** @returns {Promise<void>} rejects where another try may help */
  #renew() {
    this.#renewing ??= this.#makeAnew().finally(() => (this.#renewing = null));
    // More people may have come meanwhile.
    return this.#renewing.then(() => this.#widen());
  }

  #widen() {
    if (this.#closed || this.#renewing || !this.#peer || !this.#id) return;
    if (slotsFor(this.#others) > this.#peer.slots) this.#repair.grow();
  }

  async #makeAnew() {
    const { key, dispatch, log, makePeer, now, signal } = this.#options;
    const call = this.#id;
    if (this.#closed || !call) return;
    log.note('media', 'connecting anew');
    const peer = makePeer(this.#others);
    try {
      const offer = await peer.offer();
      dispatch({ type: 'call_renewing', key, on: true });
      const reply = await signal.request({ type: 'join', call, offer });
      if (reply.type !== 'joined') throw new SignalError('wrong_state');
      if (this.#closed) {
        peer.close();
        return;
      }
      const before = this.#peer;
      this.#use(peer);
      this.#reporter.renew();
      dispatch({ type: 'call_joined', key, id: call, seats: reply.seats, now: now() });
      await Promise.all([peer.answer(reply.answer), this.#own.sendAnew()]);
      before?.close();
      this.#tellMedia();
    } catch (error) {
      if (this.#peer !== peer) peer.close();
      if (this.#closed) return;
      log.fault('media', 'not connected anew:', error);
      dispatch({ type: 'call_renewing', key, on: false });
      if (error instanceof SignalError && GONE.has(error.code)) this.#end(null, error.code);
      else throw error;
    }
  }

  #show() {
    if (this.#closed) return;
    const { key, dispatch } = this.#options;
    dispatch({ type: 'call_own_media', key, own: this.#own.on, problems: this.#own.problems });
  }

  #tellMedia() {
    if (this.#closed || !this.#id) return;
    this.#word.tell({ type: 'set_media', call: this.#id, media: ownMedia(this.#own.on) });
  }

  /** @param {PeerState} state */
  #peerState(state) {
    if (this.#closed) return;
    const { key, dispatch, now } = this.#options;
    this.#wasUp ||= state === 'up';
    // What never was connected is not interrupted; how long it may take is counted elsewhere.
    if (this.#wasUp) dispatch({ type: 'call_media', key, media: state === 'up' ? 'up' : 'interrupted', now: now() });
    if (this.#id && this.#asked) this.#repair.follow(state);
  }

  /**
   * Ends what this device cannot go on with, and tells the server so.
   * @param {OwnEndReason} reason
   */
  #fail(reason) {
    if (this.#id && this.#asked) this.#word.left(this.#id, false);
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
