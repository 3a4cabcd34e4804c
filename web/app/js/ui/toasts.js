/** Short words at the edge of the page about what just happened. They go by themselves, or at a click. */

import { t } from '../i18n/index.js';
import { h, iconButton, keyedChildren } from './dom.js';

/** @import { Toast } from '../state/toasts.js' */
/** @import { Parts, StateView } from './parts.js' */

/** Long enough to be read twice. */
const SHOWN_MS = 7000;

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function toastsView({ store }) {
  const element = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
  const show = keyedChildren(element, (/** @type {Toast} */ { id }) => String(id), ({ id, key, values, bad }) => {
    const gone = () => store.dispatch({ type: 'toast_gone', id });
    setTimeout(gone, SHOWN_MS);
    const dismiss = iconButton('close', t('app.dismiss'), '', gone);
    return { element: h('div', { class: bad ? 'toast toast-bad' : 'toast' }, h('span', {}, t(key, values)), dismiss), update: () => {} };
  });
  return { element, update: ({ toasts }) => show(toasts) };
}
