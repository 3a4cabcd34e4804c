/** Which call this device is in: places, accepts and ends them, and lets the server's events reach the right one. */

import { isRunning } from '../state/call.js';
import { MediaDeadline } from './media_deadline.js';
import { Peer } from './peer.js';
import { Readiness } from './readiness.js';
import { Session } from './session.js';

/** @import { Log } from '../log.js' */
/** @import { CallKind, Person } from '../protocol.js' */
/** @import { Signal } from '../signal.js' */
/** @import { Call, OwnEndReason } from '../state/call.js' */
/** @import { Incoming, State } from '../state/state.js' */
/** @import { Store } from '../state/store.js' */
/** @import { Device } from './own_media.js' */

export class Calls {
  #store;
  #signal;
  #log;
  #now;
  #readiness;
  #mediaDeadline;
  /** @type {Session | null} */
  #session = null;
  #nextKey = 1;

  /** @param {{ store: Store, signal: Signal, log: Log, now: () => number }} parts */
  constructor({ store, signal, log, now }) {
    this.#store = store;
    this.#signal = signal;
    this.#log = log;
    this.#now = now;
    this.#readiness = new Readiness(log);
    this.#mediaDeadline = new MediaDeadline(() => this.#session?.giveUpMedia());
    store.subscribe((state) => this.#follow(state));
  }

  /** @returns {Session | null} whose pictures and sounds are to be shown */
  get session() {
    return this.#session;
  }

  /**
   * @param {Person[]} people
   * @param {CallKind} kind
   */
  place(people, kind) {
    if (isRunning(this.#store.state.call)) return;
    const session = this.#begin(null, 'outgoing', kind, people);
    if (this.#store.state.link === 'lost') this.#over('not_placed');
    else session?.place();
  }

  /** @param {Incoming} incoming */
  accept({ call, kind, from, others }) {
    if (isRunning(this.#store.state.call)) this.hangUp();
    const ready = this.#readiness.take(call);
    this.#store.dispatch({ type: 'answered', call });
    this.#begin(call, 'incoming', kind, [from, ...others], ready)?.accept(call);
  }

  /** @param {Incoming} incoming */
  decline({ call }) {
    this.#store.dispatch({ type: 'answered', call });
    this.#signal.request({ type: 'decline', call }).catch((error) => this.#log.note('call', 'decline:', error));
  }

  hangUp() {
    const { call } = this.#store.state;
    if (!isRunning(call)) return;
    const answered = call.answeredAt !== null;
    this.#session?.leave(answered, call.direction === 'outgoing');
    this.#over(answered ? 'hung_up' : 'cancelled');
  }

  /** Leaves on the spot: the page is going, and nothing that takes time will be done any more. */
  pageGoes() {
    this.#session?.abandon();
    this.#over('hung_up');
  }

  /**
   * @param {Device} device
   * @param {boolean} on
   */
  set(device, on) {
    this.#session?.set(device, on).catch((error) => this.#log.fault('media', `${device}:`, error));
  }

  /** Takes the closing words away. */
  dismiss() {
    const { call } = this.#store.state;
    if (call?.phase === 'ended') this.#store.dispatch({ type: 'call_dismissed', key: call.key });
  }

  /**
   * @param {string | null} id
   * @param {Call['direction']} direction
   * @param {CallKind} kind
   * @param {Person[]} people
   * @param {Peer | null} [ready]
   * @returns {Session | null}
   */
  #begin(id, direction, kind, people, ready = null) {
    const me = this.#store.state.me?.id;
    if (!me) return null;
    const key = this.#nextKey;
    this.#nextKey += 1;
    this.#session = new Session({
      key,
      kind,
      people,
      signal: this.#signal,
      log: this.#log,
      dispatch: (action) => this.#store.dispatch(action),
      now: this.#now,
      mediaDevices: navigator.mediaDevices,
      makePeer: () => ready ?? new Peer(people.length, this.#log),
    });
    this.#store.dispatch({ type: 'call_started', key, id, direction, kind, me, people });
    return this.#session;
  }

  /**
   * Makes ready for what rings, and ends what the state says is over; also the call of a device whose connection is gone,
   * for the server has ended it too.
   * @param {State} state
   */
  #follow(state) {
    const { call, link, ringing } = state;
    this.#readiness.prepare(ringing[0]);
    this.#mediaDeadline.follow(call);
    if (isRunning(call) && call.phase !== 'preparing' && link !== 'online') {
      this.#over(call.id === null ? 'not_placed' : 'own_connection_lost');
    } else if (!isRunning(call) && this.#session) {
      this.#session.close();
      this.#session = null;
    }
  }

  /** @param {OwnEndReason} reason */
  #over(reason) {
    const { call } = this.#store.state;
    if (isRunning(call)) this.#store.dispatch({ type: 'call_over', key: call.key, reason, now: this.#now() });
  }
}
