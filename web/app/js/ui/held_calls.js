/** The calls that wait behind the one on the screen. */

import { list } from '../format.js';
import { language, t } from '../i18n/index.js';
import { asKnown } from '../state/people.js';
import { button, h, icon, iconButton, keyedChildren, setText } from './dom.js';

/** @import { Call } from '../state/call.js' */
/** @import { Parts, StateView } from './parts.js' */

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function heldCalls({ calls, store }) {
  const element = h('ul', { class: 'held', 'aria-label': t('held.title') });
  const show = keyedChildren(element, (/** @type {Call} */ { key }) => String(key), (call) => {
    const names = list(call.people.map((person) => asKnown(store.state, person).name), language());
    const words = h('span', { class: 'held-words' });
    const resume = button(t('held.resume_short'), 'button-accept button-small', () => calls.resume(call.key), {
      'aria-label': t('held.resume_label', { names }),
    });
    const leave = iconButton('hang-up', t('held.hang_up', { names }), 'icon-on-dark', () => calls.hangUp(call.key));
    return {
      element: h('li', { class: 'held-call' }, icon('pause'), words, resume, leave),
      update: () => setText(words, t('held.with', { names })),
    };
  });
  return {
    element,
    update: ({ held }) => {
      element.hidden = held.length === 0;
      show(held.filter((call) => call.held));
    },
  };
}
