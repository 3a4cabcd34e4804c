/** Short words about what just happened. Pure. */

/** @import { State } from './state.js' */
/** @import { Key, Values } from '../i18n/index.js' */

/** `call` is the one it is about, where its words hold only as long as that call is not here. @typedef {{ id: number, key: Key, values: Values, bad: boolean, call: string | null }} Toast */

/**
 * @param {State} state
 * @param {Key} key
 * @param {Values} [values]
 * @param {boolean} [bad]
 * @param {string | null} [call]
 * @returns {State}
 */
export function withToast(state, key, values = {}, bad = false, call = null) {
  const toast = { id: state.nextToast, key, values, bad, call };
  return { ...state, toasts: [...state.toasts, toast], nextToast: state.nextToast + 1 };
}

/**
 * Once a call is here, words about where it went are wrong.
 * @param {State} state
 * @param {string} call
 * @returns {State}
 */
export function withoutToastsAbout(state, call) {
  return { ...state, toasts: state.toasts.filter((toast) => toast.call !== call) };
}
