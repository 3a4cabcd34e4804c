/** The page of somebody logged in: who they are, their contacts, invitations and the search. */

import { phone } from '../format.js';
import { language, setLanguage, t } from '../i18n/index.js';
import { avatar } from './avatar.js';
import { contactsView } from './contacts.js';
import { attribute, h, iconButton, setText } from './dom.js';
import { findView } from './find.js';
import { incomingInvitations, outgoingInvitations } from './invitations.js';
import { openLogPanel } from './log_panel.js';

/** @import { Parts, StateView } from './parts.js' */
/** @import { User } from '../state/state.js' */

/**
 * @param {Parts} parts
 * @param {User} me
 * @returns {StateView & { focus: () => void }}
 */
export function homeView(parts, me) {
  const { account, log } = parts;
  const contacts = contactsView(parts);
  const find = findView(parts);
  const sections = [incomingInvitations(parts), contacts, find, outgoingInvitations(parts)];
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
  const columns = h(
    'main',
    { class: 'columns', id: 'main' },
    h('div', { class: 'column-main' }, ...sections.slice(0, 2).map(({ element }) => element)),
    h('div', { class: 'column-side' }, ...sections.slice(2).map(({ element }) => element)),
  );
  return {
    element: h('div', { class: 'home' }, header, link, columns),
    focus: () => contacts.element.querySelector('h1')?.focus({ preventScroll: true }),
    update: (state) => {
      attribute(link, 'data-link', state.link);
      setText(link, state.link === 'lost' ? t('link.lost') : '');
      for (const section of sections) section.update(state);
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
