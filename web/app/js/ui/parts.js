/** What the views of the page are given: the state to show and the hands to act with. */

/** @import { Account } from '../account.js' */
/** @import { Calls } from '../call/calls.js' */
/** @import { Log } from '../log.js' */
/** @import { Store } from '../state/store.js' */
/** @import { State } from '../state/state.js' */

/** @typedef {{ store: Store, account: Account, calls: Calls, log: Log }} Parts */
/** @typedef {{ element: HTMLElement, update: (state: State) => void }} StateView */

export {};
