/**
 * A call that rings: a dialog over everything, or a card over the call one is in. It goes by an answer or by the server's
 * word, never by a stray key.
 */

import { list } from '../format.js';
import { language, t } from '../i18n/index.js';
import { isRunning } from '../state/call.js';
import { activeElsewhere } from '../state/calls.js';
import { asKnown } from '../state/people.js';
import { avatar } from './avatar.js';
import { button, focusOn, h, icon, uniqueId } from './dom.js';

/** @import { Current, Person } from '../protocol.js' */
/** @import { Incoming } from '../state/calls.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/** What can be done with the call one is in, here or elsewhere: nothing where there is none, or none that is not held. @typedef {'none' | 'leave' | 'hold'} Beside */

/**
 * @param {Parts} parts
 * @returns {{ update: (state: State) => void }}
 */
export function incomingViews(parts) {
  /** @type {HTMLElement | null} */
  let view = null;
  let shown = '';
  return {
    update: (state) => {
      const [incoming] = state.ringing;
      const inCall = isRunning(state.call);
      const beside = besideOf(state);
      const next = incoming ? `${incoming.call} ${inCall} ${beside}` : '';
      if (next === shown) return;
      shown = next;
      const before = view;
      view = null;
      if (before instanceof HTMLDialogElement) before.close();
      before?.remove();
      if (!incoming) return;
      view = inCall ? card(parts, incoming, beside) : openDialog(parts, incoming, beside, (closed) => closed === view);
    },
  };
}

/** @param {State} state @returns {Beside} */
function besideOf(state) {
  const { call } = state;
  if (isRunning(call) && !call.held) return call.answeredAt === null ? 'leave' : 'hold';
  return activeElsewhere(state) ? 'hold' : 'none';
}

/**
 * @param {Parts} parts
 * @param {Incoming} incoming
 * @param {Beside} beside
 * @param {(dialog: HTMLElement) => boolean} stillWanted
 */
function openDialog(parts, incoming, beside, stillWanted) {
  const { head, labelledBy, from } = headOf(parts, incoming);
  const content = h(
    'div',
    { class: 'sheet incoming' },
    h('span', { class: 'pulse' }, avatar(from, 'large')),
    ...head,
    h('div', { class: 'incoming-buttons' }, declineButton(parts, incoming), ...acceptButtons(parts, incoming, beside)),
  );
  const dialog = h('dialog', { class: 'dialog dialog-incoming', 'aria-labelledby': labelledBy }, content);
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

/**
 * @param {Parts} parts
 * @param {Incoming} incoming
 * @param {Beside} beside
 */
function card(parts, incoming, beside) {
  const { head, labelledBy, from } = headOf(parts, incoming);
  const element = h(
    'section',
    { class: 'waiting', role: 'dialog', 'aria-labelledby': labelledBy, 'data-waiting': true },
    h('div', { class: 'waiting-head' }, avatar(from, 'medium'), h('div', { class: 'waiting-words' }, ...head)),
    h('div', { class: 'waiting-buttons' }, ...acceptButtons(parts, incoming, beside), declineButton(parts, incoming)),
  );
  document.body.append(element);
  return element;
}

/**
 * @param {Parts} parts
 * @param {Incoming} incoming
 */
function headOf({ store }, { kind, blocked, ...incoming }) {
  const known = (/** @type {Person} */ person) => asKnown(store.state, person);
  const from = known(incoming.from);
  const others = incoming.others.map(known);
  const name = h('p', { class: 'incoming-name', id: uniqueId('incoming') }, from.name);
  const title = h('h2', { id: uniqueId('incoming') }, t(`incoming.${kind}`));
  const names = list(others.map((person) => person.name), language());
  const barred = blocked.map((id) => [from, ...others].find((person) => person.id === id)?.name ?? t('incoming.somebody'));
  const warning = barred.length > 0 ? h('p', { class: 'warning', role: 'alert' }, t('incoming.blocked', { names: list(barred, language()) })) : null;
  const head = [name, title, others.length > 0 ? h('p', { class: 'note' }, t('incoming.with', { names })) : null, warning];
  return { head, labelledBy: `${title.id} ${name.id}`, from };
}

/**
 * @param {Parts} parts
 * @param {Incoming} incoming
 * @param {Beside} beside
 */
function acceptButtons(parts, incoming, beside) {
  if (beside === 'none') return [acceptButton(parts, incoming, t('incoming.accept'))];
  const leave = acceptButton(parts, incoming, t('incoming.leave_and_accept'), 'leave');
  return beside === 'hold' ? [acceptButton(parts, incoming, t('incoming.hold_and_accept'), 'hold'), leave] : [leave];
}

/**
 * @param {Parts} parts
 * @param {Incoming} incoming
 * @param {string} words
 * @param {Current} [current]
 */
function acceptButton({ calls }, incoming, words, current) {
  const element = button('', 'button-accept', () => calls.accept(incoming, current));
  element.append(icon(current === 'hold' ? 'pause' : incoming.kind === 'video' ? 'video' : 'phone'), words);
  return element;
}

/**
 * @param {Parts} parts
 * @param {Incoming} incoming
 */
function declineButton({ calls }, incoming) {
  const element = button('', 'button-hang-up', () => calls.decline(incoming));
  element.append(icon('hang-up'), t('incoming.decline'));
  return element;
}
