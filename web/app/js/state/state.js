/**
 * The state of the page and how each thing that happens changes it. Pure: no clock, no network, no document; times come
 * inside the actions.
 */

import { reduceCall } from './call.js';

/** @import { Call, CallAction } from './call.js' */
/** @import { CallKind, Person, RingStop, ServerEvent } from '../protocol.js' */
/** @import { Key, Values } from '../i18n/index.js' */

/** @typedef {{ id: string, phone: string, name: string }} User */
/** @typedef {{ contacts: User[], incoming: User[], outgoing: User[] }} People */
/** @typedef {'none' | 'self' | 'contact' | 'invited' | 'invited_you'} Relation */
/** @typedef {{ call: string, kind: CallKind, from: Person, others: Person[] }} Incoming */
/** @typedef {{ id: number, key: Key, values: Values, bad: boolean }} Toast */
/**
 * @typedef {{ status: 'idle' }
 *   | { status: 'busy', phone: string }
 *   | { status: 'found', user: User }
 *   | { status: 'failed', code: string }} Find
 */

/**
 * @typedef {object} State
 * @property {'starting' | 'out' | 'in'} account
 * @property {boolean} thrownOut logged out by something other than this page's own button
 * @property {User | null} me
 * @property {'connecting' | 'online' | 'lost'} link
 * @property {People | null} people `null` until they were loaded once
 * @property {boolean} peopleFailed
 * @property {ReadonlySet<string>} online contacts with a connected device
 * @property {Find} find
 * @property {Incoming[]} ringing oldest first; the first one is shown
 * @property {Call | null} call
 * @property {Toast[]} toasts
 * @property {number} nextToast
 */

/**
 * @typedef {{ type: 'logged_in', me: User }
 *   | { type: 'logged_out', thrownOut: boolean }
 *   | { type: 'link', link: State['link'] }
 *   | { type: 'people', people: People }
 *   | { type: 'people_failed' }
 *   | { type: 'find', find: Find }
 *   | { type: 'toast', key: Key, values?: Values, bad?: boolean }
 *   | { type: 'toast_gone', id: number }
 *   | { type: 'answered', call: string }
 *   | { type: 'server', event: ServerEvent, now: number }
 *   | CallAction} Action
 */

/** What is said when a call stops ringing here. The first two happened by this user's own hand elsewhere. */
/** @type {Readonly<Record<RingStop, Key>>} */
const RING_STOPS = Object.freeze({
  answered_elsewhere: 'incoming.answered_elsewhere',
  declined_elsewhere: 'incoming.declined_elsewhere',
  cancelled: 'incoming.cancelled',
  missed: 'incoming.missed',
  ended: 'incoming.ended',
});

/** @type {Readonly<State>} */
export const INITIAL = {
  account: 'starting',
  thrownOut: false,
  me: null,
  link: 'connecting',
  people: null,
  peopleFailed: false,
  online: new Set(),
  find: { status: 'idle' },
  ringing: [],
  call: null,
  toasts: [],
  nextToast: 1,
};

/**
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
export function reduce(state, action) {
  switch (action.type) {
    case 'logged_in':
      return { ...INITIAL, account: 'in', me: action.me, nextToast: state.nextToast };
    case 'logged_out':
      return { ...INITIAL, account: 'out', thrownOut: action.thrownOut, nextToast: state.nextToast };
    case 'link':
      return withLink(state, action.link);
    case 'people':
      return { ...state, people: action.people, peopleFailed: false };
    case 'people_failed':
      return { ...state, peopleFailed: true };
    case 'find':
      return { ...state, find: action.find };
    case 'toast':
      return withToast(state, action.key, action.values, action.bad);
    case 'toast_gone':
      return { ...state, toasts: state.toasts.filter((toast) => toast.id !== action.id) };
    case 'answered':
      return withoutRinging(state, action.call);
    case 'server':
      return reduceEvent(state, action.event, action.now);
    default:
      return withCall(state, reduceCall(state.call, action));
  }
}

/**
 * What `user` is to the person logged in, as the lists say at this moment.
 * @param {State} state
 * @param {string} user
 * @returns {Relation}
 */
export function relation(state, user) {
  if (state.me?.id === user) return 'self';
  if (state.people?.contacts.some(({ id }) => id === user)) return 'contact';
  if (state.people?.outgoing.some(({ id }) => id === user)) return 'invited';
  if (state.people?.incoming.some(({ id }) => id === user)) return 'invited_you';
  return 'none';
}

/**
 * @param {State} state
 * @param {ServerEvent} event
 * @param {number} now
 * @returns {State}
 */
function reduceEvent(state, event, now) {
  switch (event.type) {
    case 'welcome':
      // A new connection is a new device: whatever rang on the old one rings here anew if it still rings.
      return { ...state, link: 'online', online: new Set(event.online), ringing: [] };
    case 'presence': {
      const online = new Set(state.online);
      if (event.online) online.add(event.user);
      else online.delete(event.user);
      return { ...state, online };
    }
    case 'incoming_call':
      return withRinging(state, event);
    case 'ringing_stopped':
      return stopRinging(state, event.call, event.why);
    case 'seat':
    case 'slot':
    case 'media_connected':
    case 'call_ended':
      return withCall(state, reduceCall(state.call, { type: 'call_event', event, now }));
    case 'contacts_changed':
    case 'logged_out':
      return state;
    default:
      return state;
  }
}

/**
 * @param {State} state
 * @param {State['link']} link
 * @returns {State}
 */
function withLink(state, link) {
  if (state.link === link) return state;
  return link === 'online' ? { ...state, link } : { ...state, link, online: new Set(), ringing: [] };
}

/**
 * @param {State} state
 * @param {Extract<ServerEvent, { type: 'incoming_call' }>} event
 * @returns {State}
 */
function withRinging(state, event) {
  if (state.ringing.some(({ call }) => call === event.call) || state.call?.id === event.call) return state;
  const { call, kind, from, others } = event;
  return { ...state, ringing: [...state.ringing, { call, kind, from, others }] };
}

/**
 * @param {State} state
 * @param {string} call
 * @param {RingStop} why
 * @returns {State}
 */
function stopRinging(state, call, why) {
  const stopped = state.ringing.find((incoming) => incoming.call === call);
  if (!stopped) return state;
  return withToast(withoutRinging(state, call), RING_STOPS[why], { name: stopped.from.name });
}

/**
 * @param {State} state
 * @param {string} call
 * @returns {State}
 */
function withoutRinging(state, call) {
  return { ...state, ringing: state.ringing.filter((incoming) => incoming.call !== call) };
}

/**
 * @param {State} state
 * @param {Key} key
 * @param {Values} [values]
 * @param {boolean} [bad]
 * @returns {State}
 */
function withToast(state, key, values = {}, bad = false) {
  const toast = { id: state.nextToast, key, values, bad };
  return { ...state, toasts: [...state.toasts, toast], nextToast: state.nextToast + 1 };
}

/**
 * @param {State} state
 * @param {Call | null} call
 * @returns {State}
 */
function withCall(state, call) {
  return call === state.call ? state : { ...state, call };
}
