/** One's labels in a row, to be pressed. */

import { attribute, h, keyedChildren, setText } from './dom.js';

/** @import { Label } from '../state/people.js' */

/** @typedef {Label & { pressed: boolean }} Chip */

/**
 * @param {string} name of the row
 * @param {(label: Label) => void} press
 * @returns {{ element: HTMLElement, update: (chips: Chip[]) => void }} the row is hidden while it is empty
 */
export function labelChips(name, press) {
  const element = h('div', { class: 'chips', role: 'group', 'aria-label': name });
  const show = keyedChildren(element, (/** @type {Chip} */ { id }) => id, (chip) => {
    const button = h('button', { type: 'button', class: 'chip' }, chip.name);
    let { id, name: words } = chip;
    button.addEventListener('click', () => press({ id, name: words }));
    return {
      element: button,
      update: (next) => {
        ({ id, name: words } = next);
        setText(button, next.name);
        attribute(button, 'aria-pressed', String(next.pressed));
      },
    };
  });
  return {
    element,
    update: (chips) => {
      element.hidden = chips.length === 0;
      show(chips);
    },
  };
}
