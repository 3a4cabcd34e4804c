/**
 * The state of the page and how each thing that happens changes it. Pure: no clock, no network, no document; times come
 * inside the actions. Each part has a file of its own beside this one.
 */

import { reduceCalls, stopRinging, withMine, withoutMedia, withRinging } from './calls.js';
import { NO_HISTORY, reduceHistory } from './history.js';
import { NO_MESSAGES, otherOf, reduceMessages } from './messages.js';
import { nameOfContact } from './people.js';
import { withoutToastsAbout, withToast } from './toasts.js';

/** @import { MyCall, ServerEvent } from '../protocol.js' */
/** @import { Key, Values } from '../i18n/index.js' */
/** @import { Call } from './call.js' */
/** @import { CallsAction, Incoming } from './calls.js' */
/** @import { History, HistoryAction } from './history.js' */
/** @import { Messages, MessagesAction } from './messages.js' */
/** @import { People, User } from './people.js' */
/** @import { Toast } from './toasts.js' */

/**
 * @typedef {{ status: 'idle' }
 *   | { status: 'busy', phone: string }
 *   | { status: 'found', user: User }
 *   | { status: 'failed', code: string }} Find
 */
/** @typedef {'contacts' | 'messages' | 'calls' | 'settings'} Tab */
/** What lies open: a section of the page, and in it one conversation. @typedef {{ tab: Tab, conversation: string | null }} Place */
/** @typedef {{ callWaiting: boolean | null }} Settings */

/**
 * @typedef {object} State
 * @property {'starting' | 'out' | 'in'} account
 * @property {boolean} thrownOut logged out by something other than this page's own button
 * @property {User | null} me
 * @property {'connecting' | 'online' | 'lost'} link
 * @property {Place} place
 * @property {People | null} people `null` until they were loaded once
 * @property {boolean} peopleFailed
 * @property {ReadonlySet<string>} online contacts with a connected device
 * @property {Find} find
 * @property {Incoming[]} ringing oldest first; the first one is shown
 * @property {Call | null} call the one on the screen
 * @property {Call[]} held those held behind it
 * @property {MyCall[]} mine the calls of this user on whatever device
 * @property {Messages} messages
 * @property {History} history
 * @property {Settings} settings
 * @property {Toast[]} toasts
 * @property {number} nextToast
 */

/**
 * @typedef {{ type: 'logged_in', me: User }
 *   | { type: 'logged_out', thrownOut: boolean }
 *   | { type: 'link', link: State['link'] }
 *   | { type: 'device_forgotten' }
 *   | { type: 'go', place: Place }
 *   | { type: 'people', people: People }
 *   | { type: 'people_failed' }
 *   | { type: 'find', find: Find }
 *   | { type: 'settings', settings: Settings }
 *   | { type: 'toast', key: Key, values?: Values, bad?: boolean }
 *   | { type: 'toast_gone', id: number }
 *   | { type: 'server', event: ServerEvent, now: number }
 *   | { type: 'messages', action: MessagesAction }
 *   | { type: 'history', action: HistoryAction }
 *   | CallsAction} Action
 */

/** @type {Readonly<State>} */
export const INITIAL = {
  account: 'starting',
  thrownOut: false,
  me: null,
  link: 'connecting',
  place: { tab: 'contacts', conversation: null },
  people: null,
  peopleFailed: false,
  online: new Set(),
  find: { status: 'idle' },
  ringing: [],
  call: null,
  held: [],
  mine: [],
  messages: NO_MESSAGES,
  history: NO_HISTORY,
  settings: { callWaiting: null },
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
      return state.link === action.link ? state : { ...state, link: action.link };
    case 'device_forgotten':
      return { ...state, online: new Set(), ringing: [], mine: [] };
    case 'go':
      return { ...state, place: action.place };
    case 'people':
      return { ...state, people: action.people, peopleFailed: false };
    case 'people_failed':
      return { ...state, peopleFailed: true };
    case 'find':
      return { ...state, find: action.find };
    case 'settings':
      return { ...state, settings: action.settings };
    case 'toast':
      return withToast(state, action.key, action.values, action.bad);
    case 'toast_gone':
      return { ...state, toasts: state.toasts.filter((toast) => toast.id !== action.id) };
    case 'server':
      return reduceEvent(state, action.event, action.now);
    case 'messages':
      return { ...state, messages: reduceMessages(state.messages, action.action) };
    case 'history':
      return { ...state, history: reduceHistory(state.history, action.action) };
    case 'call_started':
      return reduceCalls(action.id ? withoutToastsAbout(state, action.id) : state, action);
    default:
      return reduceCalls(state, action);
  }
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
      // A new device: whatever rang on the old one rings here anew if it still rings, and its media is gone.
      return withoutMedia({ ...state, link: 'online', online: new Set(event.online), ringing: [], mine: [] }, now);
    case 'resumed':
      return { ...state, link: 'online' };
    case 'my_calls':
      return withMine(state, event.calls);
    case 'presence': {
      const online = new Set(state.online);
      if (event.online) online.add(event.user);
      else online.delete(event.user);
      return { ...state, online };
    }
    case 'incoming_call':
      return withRinging(state, event);
    case 'ringing_stopped':
      return stopRinging(state, event);
    case 'seat':
    case 'slot':
    case 'slot_paused':
    case 'speakers':
    case 'quality':
    case 'screen_taken':
    case 'media_connected':
    case 'call_ended':
    case 'call_left':
      return reduceCalls(state, { type: 'call_event', event, now });
    case 'message':
      return withMessage(state, event.message);
    case 'conversation_read':
      return { ...state, messages: reduceMessages(state.messages, { type: 'read', with: event.with, upTo: event.up_to }) };
    default:
      // Those that only say what is to be fetched again change nothing here.
      return state;
  }
}

/**
 * @param {State} state
 * @param {import('../protocol.js').Message} message
 * @returns {State}
 */
function withMessage(state, message) {
  if (!state.me) return state;
  const name = nameOfContact(state, otherOf(message, state.me.id));
  return { ...state, messages: reduceMessages(state.messages, { type: 'said', message, me: state.me.id, name }) };
}
