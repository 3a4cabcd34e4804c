/** What the views of the page are given: the state to show and the hands to act with. */

/** @import { Account } from '../account.js' */
/** @import { Book } from '../book.js' */
/** @import { Calls } from '../call/calls.js' */
/** @import { Conversations } from '../conversations.js' */
/** @import { Log } from '../log.js' */
/** @import { Past } from '../past.js' */
/** @import { Store } from '../state/store.js' */
/** @import { State } from '../state/state.js' */

/**
 * @typedef {object} Parts
 * @property {Store} store
 * @property {Account} account
 * @property {Book} book
 * @property {Calls} calls
 * @property {Conversations} conversations
 * @property {Past} past
 * @property {Log} log
 */
/** @typedef {{ element: HTMLElement, update: (state: State) => void }} StateView */

export {};
