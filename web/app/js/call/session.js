/**
 * One call as this device takes part in it: its devices, its media connection and its requests, from the click until
 * everything is released. It tells what happens by actions and never looks at the page.
 */

import { SignalError } from '../signal/error.js';
import { Hold } from './hold.js';
import { slotsFor } from './plan.js';
import { Renewal } from './renewal.js';
import { Repair } from './repair.js';
import { Reporter } from './reporter.js';
import { Seating } from './seating.js';
import { Sources } from './sources.js';
import { Viewing } from './viewing.js';
import { Word } from './word.js';

/** @import { Current, Reply, ServerEvent } from '../protocol.js' */
/** @import { OwnEndReason } from '../state/call.js' */
/** @import { Wanted } from './devices.js' */
/** @import { Shown } from './look.js' */
/** @import { Device } from './own_media.js' */
/** @import { Peer, PeerState } from './peer.js' */
/** @import { Ready } from './readiness.js' */
/** @import { SessionOptions } from './session_options.js' */
/** @import { ServerStats } from './viewing.js' */

export class Session {
  #options;
  #own;
  #hold;
  #repair;
  #reporter;
  #word;
  #viewing;
  #seating;
  #renewal;
  /** @type {Peer | null} */
  #peer = null;
  /** @type {string | null} */
  #id = null;
  /** Whether the server was asked to place, accept or join the call. */
  #asked = false;
  /** Whether it has said yes. */
  #seated = false;
  #closed = false;
  /** Whether media was connected once. */
  #wasUp = false;
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
    this.#own = new Sources({
      mediaDevices: options.mediaDevices,
      log: options.log,
      send: (source, track) => this.#peer?.send(source, track),
      onChange: () => this.#show(),
      onOther: () => this.#tellMedia(),
    });
    this.#viewing = new Viewing({
      media: () => (this.#id && this.#peer && this.#seated ? { call: this.#id, mids: this.#peer.mids, slots: options.slots() } : null),
      ask: (request) => options.signal.request(request),
    });
    this.#seating = new Seating({
      ...options,
      word: this.#word,
      isOver: () => this.#closed,
      another: () => {
        this.#peer?.close();
        return this.#use(options.makePeer(this.#others));
      },
      sendAnew: () => this.#own.sendAnew(),
      onAsked: () => (this.#asked = true),
      onSeat: (call) => {
        this.#id = call;
        this.#seated = true;
      },
    });
    this.#renewal = new Renewal({
      ...options,
      call: () => (this.#closed ? null : this.#id),
      others: () => this.#others,
      takeOver: (peer, reply) => this.#takeOver(peer, reply),
      onGone: (code) => this.#end(null, code),
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
      await this.#seating.take(peer, (offer) => ({ type: 'place', callees, kind: this.#options.kind, offer }));
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
        ? this.#seating.takeWarm(ready, { type: 'accept', call, ...more })
        : this.#seating.take(peer, (offer) => ({ type: 'accept', call, offer, ...more }));
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
      const taken = this.#seating.take(peer, (offer) => ({ type: 'join', call, offer, ...(current ? { current } : {}) }));
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
   * Shares the screen, or stops sharing it.
   * @param {boolean} on
   */
  async share(on) {
    if (!this.#closed && !(on && this.#hold.quiet)) await this.#own.share(on);
  }

  /** @param {readonly Shown[]} shown what the page draws of this call */
  look(shown) {
    if (!this.#closed) this.#viewing.look(shown);
  }

  /** The server may not have heard what was told it last. */
  lookAgain() {
    if (!this.#closed) this.#viewing.again();
  }

  /** @returns {Promise<ServerStats | null>} what the server sends here at the moment */
  async serverStats() {
    return this.#closed ? null : this.#viewing.stats();
  }

  /** @param {ServerEvent} event of this call, already in the state */
  hear(event) {
    const { log } = this.#options;
    if (this.#closed) return;
    if (event.type === 'layers_wanted') {
      // Of a connection that is being made nothing is wanted before the reply: it has sent nothing.
      this.#peer?.want(event.track, event).catch((error) => log.fault('media', 'layers:', error));
    } else if (event.type === 'screen_taken') this.#own.screenTaken().catch((error) => log.fault('media', 'screen:', error));
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
    this.#viewing.stop();
    this.#own.stop();
  }

  /**
   * @param {Ready | null} ready
   * @param {(peer: Peer) => Promise<void>} taking
   */
  async #attempt(ready, taking) {
    try {
      await taking(this.#use(ready?.peer ?? this.#options.makePeer(this.#others)));
      this.lookAgain();
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

  /** @returns {Promise<void>} rejects where another try may help */
  #renew() {
    // More people may have come meanwhile.
    return this.#renewal.run().then(() => this.#widen());
  }

  #widen() {
    if (this.#closed || this.#renewal.underWay || !this.#peer || !this.#id) return;
    if (slotsFor(this.#others) > this.#peer.slots) this.#repair.grow();
  }

  /**
   * @param {Peer} peer
   * @param {Extract<Reply, { type: 'joined' }>} reply
   */
  async #takeOver(peer, reply) {
    const { key, dispatch, me, now } = this.#options;
    const before = this.#peer;
    this.#use(peer);
    this.#reporter.renew();
    // To say that one shares would take the screen back from whoever shares it by now.
    if (reply.seats.some(({ media, person }) => media.screen && person.id !== me)) await this.#own.screenTaken();
    dispatch({ type: 'call_joined', key, id: reply.call, seats: reply.seats, now: now() });
    this.#viewing.again();
    await Promise.all([peer.answer(reply.answer), this.#own.sendAnew()]);
    before?.close();
    this.#tellMedia();
  }

  #show() {
    if (this.#closed) return;
    const { key, dispatch } = this.#options;
    dispatch({ type: 'call_own_media', key, own: this.#own.on, problems: this.#own.problems });
  }

  /** Settles once the server has heard it. */
  async #tellMedia() {
    if (this.#closed || !this.#id) return;
    await this.#word.tell({ type: 'set_media', call: this.#id, media: this.#own.on });
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
