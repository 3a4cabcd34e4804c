/** The dialog of a ringing call. It closes by an answer or by the server's word, never by a stray key. */

import { list } from '../format.js';
import { language, t } from '../i18n/index.js';
import { isRunning } from '../state/call.js';
import { avatar } from './avatar.js';
import { button, focusOn, h, icon, uniqueId } from './dom.js';

/** @import { Incoming, State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/**
 * @param {Parts} parts
 * @returns {{ update: (state: State) => void }}
 */
export function incomingDialogs(parts) {
  /** @type {HTMLDialogElement | null} */
  let dialog = null;
  let shown = '';
  return {
    update: (state) => {
      const [incoming] = state.ringing;
      const next = incoming ? `${incoming.call} ${isRunning(state.call)}` : '';
      if (next === shown) return;
      shown = next;
      const before = dialog;
      dialog = null;
      before?.close();
      before?.remove();
      if (incoming) dialog = open(parts, incoming, isRunning(state.call), (closed) => closed === dialog);
    },
  };
}

/**
 * @param {Parts} parts
 * @param {Incoming} incoming
 * @param {boolean} inCall
 * @param {(dialog: HTMLDialogElement) => boolean} stillWanted
 */
function open({ calls }, incoming, inCall, stillWanted) {
  const { from, others, kind } = incoming;
  const title = h('h2', { id: uniqueId('incoming') }, t(`incoming.${kind}`));
  const names = list(others.map(({ name }) => name), language());
  const accept = button('', 'button-accept', () => calls.accept(incoming));
  accept.append(icon(kind === 'video' ? 'video' : 'phone'), t(inCall ? 'incoming.end_and_accept' : 'incoming.accept'));
  const decline = button('', 'button-hang-up', () => calls.decline(incoming));
  decline.append(icon('hang-up'), t('incoming.decline'));
  const content = h(
    'div',
    { class: 'sheet incoming' },
    h('span', { class: 'pulse' }, avatar(from, 'large')),
    h('p', { class: 'incoming-name', id: uniqueId('incoming') }, from.name),
    title,
    others.length > 0 ? h('p', { class: 'note' }, t('incoming.with', { names })) : null,
    h('div', { class: 'incoming-buttons' }, decline, accept),
  );
  const name = content.querySelector('.incoming-name');
  const dialog = h('dialog', { class: 'dialog dialog-incoming', 'aria-labelledby': `${title.id} ${name?.id ?? ''}` }, content);
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  // Browsers let a person insist with a second Escape; a call that still rings is shown again.
  dialog.addEventListener('close', () => {
    if (stillWanted(dialog)) dialog.showModal();
  });
  document.body.append(dialog);
  dialog.showModal();
  // Not on a button: a key pressed while typing elsewhere must not answer.
  focusOn(dialog);
  return dialog;
}
