/** A line about a person, with what can be done beside it. */

import { phone } from '../format.js';
import { avatar } from './avatar.js';
import { h } from './dom.js';

/** @import { User } from '../state/people.js' */

/**
 * @param {User} user
 * @param {string | null} words instead of the number
 * @param {...HTMLElement} actions
 * @returns {HTMLElement}
 */
export function personRow(user, words, ...actions) {
  const name = h('span', { class: 'row-name' }, user.name);
  const note = h('span', { class: 'row-note' }, words ?? phone(user.phone));
  return h(
    'div',
    { class: 'row' },
    avatar(user, 'medium'),
    h('div', { class: 'row-text' }, name, note),
    h('div', { class: 'row-actions' }, ...actions),
  );
}
