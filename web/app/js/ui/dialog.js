/** Modal dialogs that come and go: shown at once, removed when closed. The browser keeps and returns the focus. */

import { h } from './dom.js';

/**
 * @param {string} label
 * @param {HTMLElement} content
 * @param {string} [style]
 * @returns {HTMLDialogElement}
 */
export function openDialog(label, content, style = '') {
  const dialog = h('dialog', { class: `dialog ${style}`, 'aria-label': label }, content);
  // A click on the backdrop has the dialog itself as target: its content covers it whole.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
