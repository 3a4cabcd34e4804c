/** All labels: renamed, deleted, and made. */

import { t } from '../i18n/index.js';
import { openDialog } from './dialog.js';
import { button, h, iconButton, keyedChildren } from './dom.js';

/** @import { Label } from '../state/people.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/** The server's bound. */
const LONGEST = 50;

/** @param {Parts} parts */
export function openLabels({ store, book }) {
  const list = h('ul', { class: 'label-rows' });
  const show = keyedChildren(list, (/** @type {Label} */ { id }) => id, (label) => labelRow(label, book));
  const made = labelInput(t('labels.new'), t('labels.make'), (name) => book.makeLabel(name));
  const content = h(
    'div',
    { class: 'sheet sheet-start' },
    iconButton('close', t('app.close'), 'sheet-close', () => dialog.close()),
    h('h2', {}, t('labels.title')),
    h('p', { class: 'note' }, t('labels.text')),
    list,
    made,
  );
  const dialog = openDialog(t('labels.title'), content);
  /** @param {State} state */
  const update = ({ people }) => show(people?.labels ?? []);
  update(store.state);
  dialog.addEventListener('close', store.subscribe(update));
}

/**
 * @param {string} name
 * @param {string} action
 * @param {(name: string) => Promise<boolean>} submit
 * @returns {HTMLFormElement} empties itself when it was done
 */
export function labelInput(name, action, submit) {
  const input = h('input', { class: 'input', 'aria-label': name, placeholder: name, maxlength: LONGEST });
  const form = h('form', { class: 'inline-form' }, input, h('button', { type: 'submit', class: 'button button-quiet', 'aria-label': action }, t('app.add')));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (input.value.trim() === '') input.focus();
    else if (await submit(input.value)) input.value = '';
  });
  return form;
}

/**
 * @param {Label} first
 * @param {Parts['book']} book
 * @returns {import('./dom.js').View<Label>}
 */
function labelRow(first, book) {
  let label = first;
  const input = h('input', { class: 'input', 'aria-label': t('labels.rename', { name: label.name }), value: label.name, maxlength: LONGEST });
  input.addEventListener('change', () => {
    if (input.value.trim() === '') input.value = label.name;
    else if (input.value.trim() !== label.name) book.renameLabel(label, input.value);
  });
  const remove = button(t('labels.delete_short'), 'button-danger-quiet button-small', () => book.deleteLabel(label), {
    'aria-label': t('labels.delete', { name: label.name }),
  });
  return {
    element: h('li', {}, input, remove),
    update: (next) => {
      label = next;
      if (document.activeElement !== input) input.value = next.name;
    },
  };
}
