/** Arrows between the pages of a call, and which page it is. */

import { t } from '../i18n/index.js';
import { attribute, h, iconButton, setText } from './dom.js';

/** @import { View } from './dom.js' */

/**
 * @param {(page: number) => void} turn
 * @returns {View<{ page: number, pages: number }>}
 */
export function pager(turn) {
  let page = 0;
  const back = iconButton('back', t('call.page_back'), 'icon-on-dark', () => turn(page - 1));
  const on = iconButton('forward', t('call.page_on'), 'icon-on-dark', () => turn(page + 1));
  const place = h('span', { class: 'pager-place', 'aria-hidden': 'true' });
  const words = h('span', { class: 'unseen', role: 'status' });
  const element = h('nav', { class: 'pager', 'aria-label': t('call.pages') }, back, place, words, on);
  element.hidden = true;
  return {
    element,
    update: (next) => {
      ({ page } = next);
      element.hidden = next.pages < 2;
      // Not disabled: a button that is would lose the focus under the hand that turns pages.
      attribute(back, 'aria-disabled', page === 0 ? 'true' : null);
      attribute(on, 'aria-disabled', page >= next.pages - 1 ? 'true' : null);
      setText(place, `${page + 1} / ${next.pages}`);
      setText(words, element.hidden ? '' : t('call.page_of', { page: page + 1, pages: next.pages }));
    },
  };
}
