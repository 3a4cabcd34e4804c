/** The sections of the page: a bar at the lower edge of a phone, a column at the side of a desktop. */

import { t } from '../i18n/index.js';
import { unseenMissed } from '../state/history.js';
import { unreadCount } from '../state/messages.js';
import { attribute, h, icon, setText, uniqueId } from './dom.js';

/** @import { State, Tab } from '../state/state.js' */
/** @import { Parts, StateView } from './parts.js' */

/** @type {readonly { tab: Tab, picture: string, count: (state: State) => number }[]} */
const SECTIONS = Object.freeze([
  { tab: 'contacts', picture: 'people', count: ({ people }) => people?.incoming.length ?? 0 },
  { tab: 'messages', picture: 'message', count: ({ messages }) => unreadCount(messages) },
  { tab: 'calls', picture: 'clock', count: unseenMissed },
  { tab: 'settings', picture: 'settings', count: () => 0 },
]);

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function navView({ store }) {
  const items = SECTIONS.map(({ tab, picture, count }) => {
    const badge = h('span', { class: 'badge', 'aria-hidden': 'true' });
    const said = h('span', { id: uniqueId('badge'), class: 'only-read' });
    const element = h(
      'button',
      { type: 'button', class: 'nav-item', 'data-tab': tab, 'aria-describedby': said.id },
      h('span', { class: 'nav-picture' }, icon(picture), badge),
      h('span', { class: 'nav-words' }, t(`nav.${tab}`)),
    );
    element.addEventListener('click', () => store.dispatch({ type: 'go', place: { tab, conversation: null } }));
    return {
      nodes: [element, said],
      update: (/** @type {State} */ state) => {
        const number = count(state);
        attribute(element, 'aria-current', state.place.tab === tab ? 'page' : null);
        badge.hidden = number === 0;
        setText(badge, number > 99 ? '99+' : String(number));
        setText(said, number === 0 || tab === 'settings' ? '' : t(`nav.${tab}_count`, { count: number }));
      },
    };
  });
  return {
    element: h('nav', { class: 'nav', 'aria-label': t('nav.label') }, ...items.flatMap(({ nodes }) => nodes)),
    update: (state) => {
      for (const item of items) item.update(state);
    },
  };
}
