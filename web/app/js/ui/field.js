/** A labelled input with a hint and a place for what is wrong with it. */

import { attribute, h, setText, uniqueId } from './dom.js';

/** @import { Attributes } from './dom.js' */

/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {HTMLInputElement} input
 * @property {(words: string | null) => void} setError
 */

/**
 * @param {string} label
 * @param {Attributes} attributes of the input
 * @param {string} [hint]
 * @returns {Field}
 */
export function field(label, attributes, hint) {
  const id = uniqueId('field');
  const input = h('input', { id, class: 'input', ...attributes });
  const hintLine = hint ? h('p', { id: `${id}-hint`, class: 'field-hint' }, hint) : null;
  const errorLine = h('p', { id: `${id}-error`, class: 'field-error', 'aria-live': 'polite' });
  const element = h('div', { class: 'field' }, h('label', { for: id, class: 'field-label' }, label), input, errorLine, hintLine);
  /** @param {string | null} words */
  const setError = (words) => {
    setText(errorLine, words ?? '');
    attribute(input, 'aria-invalid', words ? 'true' : null);
    attribute(input, 'aria-describedby', [words ? errorLine.id : '', hintLine?.id ?? ''].join(' ').trim() || null);
  };
  setError(null);
  input.addEventListener('input', () => setError(null));
  return { element, input, setError };
}
