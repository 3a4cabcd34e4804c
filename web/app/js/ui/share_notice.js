/** Says that the own screen is shared, and stops it; says who took it over. */

import { t } from '../i18n/index.js';
import { asKnown } from '../state/people.js';
import { button, h, icon } from './dom.js';

/** @import { Calls } from '../call/calls.js' */
/** @import { Call } from '../state/call.js' */
/** @import { View } from './dom.js' */
/** @import { Parts } from './parts.js' */

/**
 * @param {Calls} calls
 * @returns {View<boolean>} whether it is shared
 */
export function shareNotice(calls) {
  const words = h('span', { class: 'sharing-words', role: 'status' });
  const stop = button(t('call.share_stop_short'), 'button-on-dark button-small', () => calls.share(false), { 'aria-label': t('call.share_stop') });
  const element = h('div', { class: 'sharing' }, icon('screen'), words, stop);
  element.hidden = true;
  let shown = false;
  return {
    element,
    update: (shared) => {
      if (shared === shown) return;
      shown = shared;
      element.hidden = !shared;
      words.textContent = shared ? t('call.sharing') : '';
    },
  };
}

/**
 * Says who took the screen over from this device, once each time.
 * @param {Parts} parts
 * @returns {(call: Call) => void}
 */
export function screenTaken({ store }) {
  /** @type {string | null} */
  let told = null;
  return ({ people, screenTakenBy }) => {
    if (screenTakenBy === told) return;
    told = screenTakenBy;
    const person = people.find(({ id }) => id === told);
    if (!person) return;
    const { name } = asKnown(store.state, person);
    // Once the page is drawn: what is said while it is being drawn is not in the state it is drawn from.
    queueMicrotask(() => store.dispatch({ type: 'toast', key: 'call.screen_taken', values: { name } }));
  };
}
