/** What a session is given to work with. */

/** @import { Log } from '../log.js' */
/** @import { CallKind, Person } from '../protocol.js' */
/** @import { Signal } from '../signal/signal.js' */
/** @import { Slots } from '../state/call.js' */
/** @import { Action } from '../state/state.js' */
/** @import { Source } from './devices.js' */
/** @import { ScreenSource } from './own_screen.js' */
/** @import { Peer } from './peer.js' */

/**
 * @typedef {object} SessionOptions
 * @property {number} key of the call in the state
 * @property {CallKind} kind
 * @property {string} me the user of this device
 * @property {Person[]} people the others, as far as they are known
 * @property {Pick<Signal, 'request'>} signal
 * @property {Log} log
 * @property {(action: Action) => void} dispatch
 * @property {() => number} now
 * @property {(others: number) => Peer} makePeer may throw where the browser has no WebRTC
 * @property {(Source & ScreenSource) | undefined} mediaDevices
 * @property {() => Slots} slots what the server says is in each slot
 */

export {};
