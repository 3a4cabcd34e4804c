/** A contact looked at closely: calling and writing, the name and labels given to them, blocking and removing. */

import { phone } from '../format.js';
import { t } from '../i18n/index.js';
import { asKnown, shownName } from '../state/people.js';
import { avatar } from './avatar.js';
import { attribute, button, focusOn, h, icon, iconButton, setText } from './dom.js';
import { openDialog } from './dialog.js';
import { labelChips } from './label_chips.js';
import { labelInput } from './labels_dialog.js';

/** @import { CallKind } from '../protocol.js' */
/** @import { Contact } from '../state/people.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/**
 * @param {Parts} parts
 * @param {Contact} user
 * @param {HTMLElement} afterRemoval gets the focus when the contact is gone
 */
export function contactSheet(parts, user, afterRemoval) {
  const { book, store, calls } = parts;
  const { id } = user;
  const presence = h('p', { class: 'note' });
  const title = h('h2', {}, shownName(user));
  const theirs = h('p', { class: 'note' });
  /** @param {CallKind} kind */
  const call = (kind) => {
    dialog.close();
    calls.place([asKnown(store.state, { id, name: user.name })], kind);
  };
  const name = shownName(user);
  const audio = button('', 'button-main', () => call('audio'), { 'aria-label': t('contacts.audio_call', { name }) });
  audio.append(icon('phone'), t('contacts.audio'));
  const video = button('', 'button-main', () => call('video'), { 'aria-label': t('contacts.video_call', { name }) });
  video.append(icon('video'), t('contacts.video'));
  const write = button('', 'button-quiet', () => {
    dialog.close();
    store.dispatch({ type: 'go', place: { tab: 'messages', conversation: id } });
  }, { 'aria-label': t('contacts.write', { name }) });
  write.append(icon('message'), t('contacts.write_short'));
  const chips = labelChips(t('labels.of', { name }), (label) => book.setLabel(id, label.id, !current(store.state)?.labels?.includes(label.id)));
  const newLabel = labelInput(t('labels.new'), t('labels.make'), (words) => book.makeLabel(words, id));
  const blocking = h('p', { class: 'note' });
  const block = button('', 'button-danger-quiet button-small', () => book.block(id, !current(store.state)?.blocked));
  /** @param {State} state */
  const current = ({ people }) => people?.contacts.find((contact) => contact.id === id);

  const content = h(
    'div',
    { class: 'sheet' },
    iconButton('close', t('app.close'), 'sheet-close', () => dialog.close()),
    avatar({ id, name }, 'large'),
    title,
    theirs,
    h('p', { class: 'sheet-number' }, phone(user.phone)),
    presence,
    h('div', { class: 'sheet-calls' }, audio, video, write),
    ownNameForm(parts, user),
    h('div', { class: 'sheet-part' }, h('h3', {}, t('labels.title')), chips.element, newLabel),
    h(
      'div',
      { class: 'sheet-last' },
      blocking,
      block,
      button(t('contacts.remove'), 'button-danger-quiet button-small', () => {
        dialog.close();
        confirmRemoval(parts, user, afterRemoval);
      }),
    ),
  );
  const dialog = openDialog(t('contacts.details', { name }), content);
  /** @param {State} state */
  const update = (state) => {
    const contact = current(state);
    if (!contact) {
      dialog.close();
      return;
    }
    setText(title, shownName(contact));
    setText(theirs, contact.own_name ? t('contacts.calls_themself', { name: contact.name }) : '');
    theirs.hidden = !contact.own_name;
    setText(presence, contact.blocked ? t('contacts.blocked') : t(state.online.has(id) ? 'contacts.online' : 'contacts.offline'));
    const blocked = Boolean(contact.blocked);
    for (const control of [audio, video, write]) {
      control.disabled = blocked;
      attribute(control, 'title', blocked ? t('contacts.blocked_by_me') : null);
    }
    block.classList.toggle('button-danger-quiet', !blocked);
    block.classList.toggle('button-quiet', blocked);
    setText(blocking, t(blocked ? 'contacts.block_means' : 'contacts.block_would_mean'));
    setText(block, t(contact.blocked ? 'contacts.unblock' : 'contacts.block'));
    chips.update((state.people?.labels ?? []).map((label) => ({ ...label, pressed: Boolean(contact.labels?.includes(label.id)) })));
  };
  update(store.state);
  dialog.addEventListener('close', store.subscribe(update));
}

/**
 * @param {Parts} parts
 * @param {Contact} user
 */
function ownNameForm({ book }, user) {
  const input = h('input', {
    class: 'input',
    'aria-label': t('contacts.own_name'),
    placeholder: user.name,
    value: user.own_name ?? '',
    maxlength: 64,
    autocomplete: 'off',
  });
  const form = h('form', { class: 'inline-form' }, input, h('button', { type: 'submit', class: 'button button-quiet', 'aria-label': t('contacts.save_name') }, t('app.save')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    book.rename(user.id, input.value);
  });
  return h('div', { class: 'sheet-part' }, h('h3', {}, t('contacts.own_name')), form);
}

/**
 * @param {Parts} parts
 * @param {Contact} user
 * @param {HTMLElement} afterRemoval
 */
function confirmRemoval({ account }, user, afterRemoval) {
  const name = shownName(user);
  const remove = async () => {
    dialog.close();
    await account.remove(user);
    focusOn(afterRemoval);
  };
  const content = h(
    'div',
    { class: 'sheet' },
    h('h2', {}, t('contacts.remove_title', { name })),
    h('p', { class: 'note' }, t('contacts.remove_text')),
    h(
      'div',
      { class: 'sheet-buttons' },
      button(t('app.cancel'), 'button-quiet', () => dialog.close(), { autofocus: true }),
      button(t('contacts.remove_confirm'), 'button-danger', remove),
    ),
  );
  const dialog = openDialog(t('contacts.remove_title', { name }), content);
}
