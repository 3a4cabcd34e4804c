/** The section of people: invitations, contacts, and finding others. */

import { contactsView } from './contacts.js';
import { h } from './dom.js';
import { findView } from './find.js';
import { incomingInvitations, outgoingInvitations } from './invitations.js';

/** @import { Parts, StateView } from './parts.js' */

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function contactsPage(parts) {
  const main = [incomingInvitations(parts), contactsView(parts)];
  const side = [findView(parts), outgoingInvitations(parts)];
  return {
    element: h(
      'div',
      { class: 'columns' },
      h('div', { class: 'column-main' }, ...main.map(({ element }) => element)),
      h('div', { class: 'column-side' }, ...side.map(({ element }) => element)),
    ),
    update: (state) => {
      for (const section of [...main, ...side]) section.update(state);
    },
  };
}
