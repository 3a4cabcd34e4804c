/** Which calls this device is in: places, takes, holds and ends them, and keeps them going over a broken connection. */

import { isPresent, isRunning } from '../state/call.js';
import { activeElsewhere, callsOf } from '../state/calls.js';
import { MediaDeadline } from './media_deadline.js';
import { Offers } from './offers.js';
import { Peer } from './peer.js';
import { Readiness } from './readiness.js';
import { Session } from './session.js';
import { TakeUp } from './take_up.js';

/** @import { Log } from '../log.js' */
/** @import { CallKind, Current, MyCall, Person, ServerEvent } from '../protocol.js' */
/** @import { Signal } from '../signal/signal.js' */
/** @import { Call, OwnEndReason } from '../state/call.js' */
/** @import { Incoming } from '../state/calls.js' */
/** @import { State } from '../state/state.js' */
/** @import { Store } from '../state/store.js' */
/** @import { Shown } from './look.js' */
/** @import { Device } from './own_media.js' */
/** @import { ServerStats } from './viewing.js' */

export class Calls {
  #store;
  #signal;
  #log;
  #now;
  #onOwnCall;
  #makePeer;
  #readiness;
  #mediaDeadline;
  #takeUp;
  /** By the key of the call. @type {Map<number, Session>} */
  #sessions = new Map();
  #nextKey = 1;

  /**
   * @param {{ store: Store, signal: Signal, log: Log, now: () => number, onOwnCall?: () => void, iceServers?: () => RTCIceServer[] }} parts
   *   `onOwnCall` hears that the person has placed or taken a call, within the click that did it; `iceServers` are those that a media
   *   connection begins with
   */
  constructor({ store, signal, log, now, onOwnCall = () => {}, iceServers = () => [] }) {
    this.#store = store;
    this.#signal = new Offers(signal);
    this.#log = log;
    this.#now = now;
    this.#onOwnCall = onOwnCall;
    this.#makePeer = (/** @type {number} */ others) => new Peer(others, log, iceServers());
    this.#readiness = new Readiness(log, this.#signal, this.#makePeer);
    this.#mediaDeadline = new MediaDeadline(() => this.session?.giveUpMedia());
    this.#takeUp = new TakeUp({
      running: () => callsOf(store.state).filter(isRunning),
      renew: (call) => this.#sessions.get(call.key)?.renew(),
      over: (call, reason) => this.#over(call, reason),
    });
    store.subscribe((state) => this.#follow(state));
  }

  /** @returns {Session | null} whose pictures and sounds are to be shown */
  get session() {
    const { call } = this.#store.state;
    return (call && this.#sessions.get(call.key)) ?? null;
  }

  /**
   * @param {Person[]} people
   * @param {CallKind} kind
   */
  place(people, kind) {
    if (people.length === 0 || isRunning(this.#store.state.call)) return;
    const made = this.#begin(null, 'outgoing', kind, people);
    if (!made) return;
    if (this.#store.state.link === 'lost') this.#over(made.call, 'not_placed');
    else made.session.place();
    // After the devices: the call waits for the answer to their question.
    this.#onOwnCall();
  }

  /**
   * @param {Incoming} incoming
   * @param {Current} [current] what becomes of the call this user is in, here or on another device
   */
  accept({ call, kind, from, others }, current) {
    const ready = this.#readiness.take(call);
    this.#store.dispatch({ type: 'answered', call });
    const before = this.#makeWay(current);
    const made = this.#begin(call, 'incoming', kind, [from, ...others]);
    made?.session.accept(call, { ready, current }).then(() => this.#settle(before, made.call.key, current));
    this.#onOwnCall();
  }

  /** @param {Incoming} incoming */
  decline({ call }) {
    this.#store.dispatch({ type: 'answered', call });
    this.#signal.request({ type: 'decline', call }).catch((error) => this.#log.note('call', 'decline:', error));
  }

  /**
   * Takes part here in a call of one's own that goes on: moved from another device, or left before. Another one that goes
   * on elsewhere is held for it.
   * @param {MyCall} mine
   */
  join({ call, kind, people }) {
    if (isRunning(this.#store.state.call)) return;
    const current = activeElsewhere(this.#store.state, call) ? 'hold' : undefined;
    this.#begin(call, 'joined', kind, people)?.session.join(call, current);
  }

  /**
   * Asks more people into the call on the screen.
   * @param {Person[]} people
   */
  async invite(people) {
    const { call } = this.#store.state;
    if (!isRunning(call) || !call.id || people.length === 0) return;
    try {
      await this.#signal.request({ type: 'invite', call: call.id, callees: people.map(({ id }) => id) });
    } catch (error) {
      this.#log.fault('call', 'invite:', error);
      this.#store.dispatch({ type: 'toast', key: 'call.not_invited', bad: true });
    }
  }

  /** Holds the call on the screen. */
  hold() {
    const { call } = this.#store.state;
    if (isRunning(call) && call.answeredAt !== null) this.session?.hold();
  }

  /**
   * Goes on with a call that is held; the one on the screen, or on another device, is held in its place.
   * @param {number} key
   */
  async resume(key) {
    const session = this.#sessions.get(key);
    if (!session) return;
    const before = this.session === session ? null : this.#makeWay('hold');
    this.#store.dispatch({ type: 'call_shown', key });
    const { call } = this.#store.state;
    try {
      await session.unhold(before || activeElsewhere(this.#store.state, call?.id ?? null) ? 'hold' : undefined);
    } catch (error) {
      this.#log.fault('call', 'unhold:', error);
      this.#store.dispatch({ type: 'toast', key: 'held.not_resumed', bad: true });
      if (before) {
        this.#store.dispatch({ type: 'call_shown', key: before.key });
        await this.#sessions.get(before.key)?.goOn();
      }
    }
  }

  /** @param {number} [key] of the call; the one on the screen when left out */
  hangUp(key = this.#store.state.call?.key) {
    const call = callsOf(this.#store.state).find((candidate) => candidate.key === key);
    if (!call || !isRunning(call)) return;
    const answered = call.answeredAt !== null;
    this.#sessions.get(call.key)?.leave(answered, call.direction === 'outgoing');
    this.#over(call, answered ? 'hung_up' : 'cancelled');
  }

  /** Leaves on the spot: the page is going, and nothing that takes time will be done any more. */
  pageGoes() {
    for (const call of callsOf(this.#store.state)) {
      this.#sessions.get(call.key)?.abandon();
      this.#over(call, 'hung_up');
    }
  }

  /** The device is no more: the server has ended its part in every call. */
  forgotten() {
    for (const call of callsOf(this.#store.state)) this.#over(call, call.id === null ? 'not_placed' : 'own_connection_lost');
  }

  /** @param {ServerEvent} event already in the state */
  hear(event) {
    switch (event.type) {
      case 'welcome':
        this.#takeUp.welcomed();
        break;
      case 'my_calls':
        this.#takeUp.told(event.calls);
        break;
      case 'resumed':
        for (const session of this.#sessions.values()) session.lookAgain();
        break;
      case 'layers_wanted':
        if (!this.#readiness.hear(event)) this.#sessionOf(event.call)?.hear(event);
        break;
      case 'screen_taken':
        this.#sessionOf(event.call)?.hear(event);
        break;
      default:
    }
  }

  /**
   * @param {Device} device
   * @param {boolean} on
   */
  set(device, on) {
    this.session?.set(device, on).catch((error) => this.#log.fault('media', `${device}:`, error));
  }

  /** @returns {boolean} whether this browser can share a screen */
  get canShare() {
    return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
  }

  /**
   * Shares the screen with the call on the screen, or stops that.
   * @param {boolean} on
   */
  share(on) {
    const { call } = this.#store.state;
    if (on && (call?.phase !== 'active' || call.held)) return;
    this.session?.share(on).catch((error) => this.#log.fault('media', 'screen:', error));
  }

  /**
   * Says what the page draws of the call on the screen; what is not named is not sent here.
   * @param {Shown[]} shown
   */
  look(shown) {
    this.session?.look(shown);
  }

  /** @returns {Promise<ServerStats | null>} what the server sends here at the moment; to be asked once a second at most */
  async serverStats() {
    return (await this.session?.serverStats()) ?? null;
  }

  /** Takes the closing words away. */
  dismiss() {
    const { call } = this.#store.state;
    if (call?.phase === 'ended') this.#store.dispatch({ type: 'call_dismissed', key: call.key });
  }

  /**
   * @param {string} id of a call
   * @returns {Session | undefined}
   */
  #sessionOf(id) {
    const calls = callsOf(this.#store.state);
    // Before the reply names a call, whatever is told of one this device does not know can only be about that.
    const call = calls.find((candidate) => candidate.id === id) ?? calls.find((candidate) => candidate.id === null);
    return call && this.#sessions.get(call.key);
  }

  /**
   * @param {string | null} id
   * @param {Call['direction']} direction
   * @param {CallKind} kind
   * @param {Person[]} people
   * @returns {{ session: Session, call: Call } | null}
   */
  #begin(id, direction, kind, people) {
    const me = this.#store.state.me?.id;
    if (!me) return null;
    const key = this.#nextKey;
    this.#nextKey += 1;
    const session = new Session({
      key,
      kind,
      me,
      people,
      signal: this.#signal,
      log: this.#log,
      dispatch: (action) => this.#store.dispatch(action),
      now: this.#now,
      mediaDevices: navigator.mediaDevices,
      slots: () => callsOf(this.#store.state).find((call) => call.key === key)?.slots ?? {},
      makePeer: this.#makePeer,
    });
    this.#sessions.set(key, session);
    this.#store.dispatch({ type: 'call_started', key, id, direction, kind, me, people });
    const { call } = this.#store.state;
    return call ? { session, call } : null;
  }

  /**
   * Silences the call on the screen for another one; the server hears of it by the request that takes the other.
   * @param {Current | undefined} current
   * @returns {Call | null} the call, where it was neither held nor over
   */
  #makeWay(current) {
    const { call } = this.#store.state;
    if (!isRunning(call) || call.held) return null;
    this.#sessions.get(call.key)?.quiet();
    if (current === 'hold') this.#store.dispatch({ type: 'call_held', key: call.key, held: true });
    return call;
  }

  /**
   * Once the other call was taken, or could not be.
   * @param {Call | null} before
   * @param {number} key of the other
   * @param {Current | undefined} current
   */
  #settle(before, key, current) {
    if (!before) return;
    const taken = callsOf(this.#store.state).some((call) => call.key === key && isRunning(call));
    if (taken && current === 'leave') this.#over(before, 'took_another');
    else if (!taken) this.#sessions.get(before.key)?.goOn();
  }

  /**
   * Makes ready for what rings, lets media flow where somebody is there, and ends what the state says is over.
   * @param {State} state
   */
  #follow(state) {
    const calls = callsOf(state).filter(isRunning);
    // One's own call is first: the one that rings may turn out to be the same, each having called the other.
    const placing = isRunning(state.call) && state.call.answeredAt === null;
    this.#readiness.prepare(placing ? undefined : state.ringing[0]);
    this.#mediaDeadline.follow(state.call);
    for (const [key, session] of this.#sessions) {
      const call = calls.find((candidate) => candidate.key === key);
      if (!call) {
        session.close();
        this.#sessions.delete(key);
      } else if (call.held) {
        // Another device of this user may have put it on hold.
        session.quiet().catch((error) => this.#log.fault('media', 'not silenced:', error));
      } else if (call.phase === 'active') {
        session.flow();
        session.makeRoom(call.seats.filter(isPresent).length);
      }
    }
  }

  /**
   * @param {Call} call
   * @param {OwnEndReason} reason
   */
  #over({ key }, reason) {
    const call = callsOf(this.#store.state).find((candidate) => candidate.key === key);
    if (call && isRunning(call)) this.#store.dispatch({ type: 'call_over', key, reason, now: this.#now() });
  }
}
