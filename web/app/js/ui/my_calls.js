/** One's own calls that this page does not show: on another device, or left and still going on. */

import { list } from '../format.js';
import { language, t } from '../i18n/index.js';
import { elsewhere, takesPart } from '../state/calls.js';
import { asKnown } from '../state/people.js';
import { button, h, icon, keyedChildren, setText } from './dom.js';

/** @import { MyCall } from '../protocol.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts, StateView } from './parts.js' */

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function myCallsView({ store, calls }) {
  const element = h('div', { class: 'banners' });
  const show = keyedChildren(element, (/** @type {MyCall} */ { call }) => call, (first) => {
    let mine = first;
    const words = h('span', { class: 'banner-words' });
    const take = button('', 'button-accept button-small', () => calls.join(mine));
    const picture = icon(mine.kind === 'video' ? 'video' : 'phone');
    const banner = h('section', { class: 'banner', role: 'status', 'data-call': mine.call }, picture, words, take);
    return {
      element: banner,
      update: (next) => {
        mine = next;
        const { words: said, action } = wordsOf(store.state, mine);
        setText(words, said);
        setText(take, action);
      },
    };
  });
  return { element, update: (state) => show(elsewhere(state)) };
}

/**
 * @param {State} state
 * @param {MyCall} mine
 */
function wordsOf(state, mine) {
  const { people, here, device } = mine;
  const names = list(people.map((person) => asKnown(state, person).name), language());
  if (!takesPart(mine)) return { words: t('mine.goes_on', { names }), action: t('mine.join') };
  if (here) return { words: t('mine.here', { names }), action: t('mine.join') };
  return { words: device ? t('mine.on', { names, device }) : t('mine.elsewhere', { names }), action: t('mine.move') };
}
