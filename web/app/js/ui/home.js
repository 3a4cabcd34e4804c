/** The page of somebody logged in: who they are, the sections, and what is going on elsewhere. */

import { phone } from '../format.js';
import { language, setLanguage, t } from '../i18n/index.js';
import { avatar } from './avatar.js';
import { contactsPage } from './contacts_page.js';
import { attribute, focusOn, h, iconButton, setText } from './dom.js';
import { historyPage } from './history_page.js';
import { openLogPanel } from './log_panel.js';
import { messagesPage } from './messages_page.js';
import { myCallsView } from './my_calls.js';
import { navView } from './nav.js';
import { settingsPage } from './settings_page.js';

/** @import { Tab } from '../state/state.js' */
/** @import { Parts, StateView } from './parts.js' */
/** @import { User } from '../state/people.js' */

/**
 * @param {Parts} parts
 * @param {User} me
 * @returns {StateView & { focus: () => void, close: () => void }}
 */
export function homeView(parts, me) {
  const { account, log } = parts;
  const messages = messagesPage(parts);
  /** @type {Record<Tab, StateView>} */
  const pages = { contacts: contactsPage(parts), messages, calls: historyPage(parts), settings: settingsPage(parts) };
  const tabs = /** @type {Tab[]} */ (Object.keys(pages));
  const nav = navView(parts);
  const elsewhere = myCallsView(parts);
  const link = h('p', { class: 'link', role: 'status' });
  const header = h(
    'header',
    { class: 'bar' },
    avatar(me, 'medium'),
    h('div', { class: 'bar-me' }, h('span', { class: 'bar-name' }, me.name), h('span', { class: 'bar-number' }, phone(me.phone))),
    languageButton(),
    iconButton('log', t('app.logs'), '', () => openLogPanel(log)),
    iconButton('log-out', t('app.log_out'), '', () => account.logOut()),
  );
  const main = h('main', { id: 'main' }, link, elsewhere.element, ...tabs.map((tab) => pages[tab].element));
  const element = h('div', { class: 'home' }, header, nav.element, main);
  /** @type {Tab | null} */
  let shown = null;

  const focus = () => {
    const heading = shown && pages[shown].element.querySelector('h1');
    if (heading) focusOn(heading);
  };
  return {
    element,
    focus,
    close: messages.close,
    update: (state) => {
      attribute(link, 'data-link', state.link);
      setText(link, state.link === 'lost' ? t('link.lost') : '');
      elsewhere.update(state);
      nav.update(state);
      const { tab, conversation } = state.place;
      attribute(element, 'data-tab', tab);
      attribute(element, 'data-conversation', tab === 'messages' && conversation !== null);
      const before = shown;
      shown = tab;
      for (const name of tabs) {
        pages[name].element.hidden = name !== tab;
        pages[name].update(state);
      }
      if (before !== null && before !== tab) {
        scrollTo(0, 0);
        focus();
      }
    },
  };
}

/** @returns {HTMLButtonElement} */
export function languageButton() {
  const other = language() === 'en' ? 'ru' : 'en';
  const button = h(
    'button',
    {
      type: 'button',
      class: 'button button-quiet button-small language',
      lang: other,
      'aria-label': t('app.language_label'),
      title: t('app.language'),
    },
    other.toUpperCase(),
  );
  button.addEventListener('click', () => setLanguage(other));
  return button;
}
