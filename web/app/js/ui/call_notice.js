/** Tells which device is missing from the call and why. It can be closed, and comes back when something else is wrong. */

import { t } from '../i18n/index.js';
import { problemKeys } from '../state/words.js';
import { h, iconButton } from './dom.js';

/** @import { DeviceProblems } from '../state/call.js' */
/** @import { View } from './dom.js' */

/** @returns {View<DeviceProblems>} */
export function deviceNotice() {
  const words = h('div', { class: 'notice-words', role: 'status' });
  const close = iconButton('close', t('app.dismiss'), 'icon-on-dark', () => (element.hidden = true));
  const element = h('div', { class: 'notice' }, words, close);
  element.hidden = true;
  let shown = '';
  return {
    element,
    update: (problems) => {
      const keys = problemKeys(problems);
      if (keys.join() === shown) return;
      shown = keys.join();
      // Shown before it is filled: a live region speaks of changes it was there to see.
      element.hidden = keys.length === 0;
      words.replaceChildren(...keys.map((key) => h('p', {}, t(key))));
    },
  };
}
