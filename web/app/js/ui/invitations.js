/** Invitations both ways; the section is there only when there is one. */

import { t } from '../i18n/index.js';
import { button, h, keyedChildren } from './dom.js';
import { personRow } from './person_row.js';

/** @import { Key } from '../i18n/index.js' */
/** @import { People, User } from '../state/people.js' */
/** @import { Parts, StateView } from './parts.js' */

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function incomingInvitations({ account }) {
  return invitationList('invitations.incoming', 'incoming', (user) => [
    button(t('invitations.accept'), 'button-main button-small', () => account.accept(user), {
      'aria-label': t('invitations.accept_label', { name: user.name }),
    }),
    button(t('invitations.decline'), 'button-quiet button-small', () => account.decline(user), {
      'aria-label': t('invitations.decline_label', { name: user.name }),
    }),
  ]);
}

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function outgoingInvitations({ account }) {
  return invitationList('invitations.outgoing', 'outgoing', (user) => [
    button(t('invitations.withdraw'), 'button-quiet button-small', () => account.withdraw(user), {
      'aria-label': t('invitations.withdraw_label', { name: user.name }),
    }),
  ]);
}

/**
 * @param {Key} title
 * @param {'incoming' | 'outgoing'} which
 * @param {(user: User) => HTMLElement[]} actions
 * @returns {StateView}
 */
function invitationList(title, which, actions) {
  const list = h('ul', { class: 'rows' });
  const heading = h('h2', {}, t(title));
  const element = h('section', { class: 'card', 'aria-label': t(title), hidden: true }, heading, list);
  const show = keyedChildren(list, (/** @type {User} */ { id }) => id, (user) => ({
    element: h('li', {}, personRow(user, null, ...actions(user))),
    update: () => {},
  }));
  return {
    element,
    update: ({ people }) => {
      /** @type {People['incoming']} */
      const users = people?.[which] ?? [];
      element.hidden = users.length === 0;
      show(users);
    },
  };
}
