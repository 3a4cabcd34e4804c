/** The round picture that stands for a person: initials on a colour of their own. */

import { hue, initials } from '../format.js';
import { h } from './dom.js';

/** @import { Person } from '../protocol.js' */

/**
 * @param {Person} person
 * @param {'small' | 'medium' | 'large'} size
 * @returns {HTMLElement} decoration: the name always stands beside it
 */
export function avatar(person, size) {
  return h('span', { class: `avatar avatar-${size} hue-${hue(person.id)}`, 'aria-hidden': 'true' }, initials(person.name));
}
