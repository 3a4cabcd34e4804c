/** A contact looked at closely: number, presence, calling, and removing after a second question. */

import { phone } from '../format.js';
import { t } from '../i18n/index.js';
import { avatar } from './avatar.js';
import { button, focusOn, h, icon, iconButton, setText } from './dom.js';
import { openDialog } from './dialog.js';

/** @import { CallKind } from '../protocol.js' */
/** @import { State, User } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/**
 * @param {Parts} parts
 * @param {User} user
 * @param {HTMLElement} afterRemoval gets the focus when the contact is gone
 */
export function contactSheet(parts, user, afterRemoval) {
  const { store, calls } = parts;
  const { id, name } = user;
  const presence = h('p', { class: 'note' });
  /** @param {CallKind} kind */
  const call = (kind) => {
    dialog.close();
    calls.place([{ id, name }], kind);
  };
  const audio = button('', 'button-main', () => call('audio'), { 'aria-label': t('contacts.audio_call', { name }) });
  audio.append(icon('phone'), t('contacts.audio'));
  const video = button('', 'button-main', () => call('video'), { 'aria-label': t('contacts.video_call', { name }) });
  video.append(icon('video'), t('contacts.video'));
  const content = h(
    'div',
    { class: 'sheet' },
    iconButton('close', t('app.close'), 'sheet-close', () => dialog.close()),
    avatar(user, 'large'),
    h('h2', {}, name),
    h('p', { class: 'sheet-number' }, phone(user.phone)),
    presence,
    h('div', { class: 'sheet-calls' }, audio, video),
    button(t('contacts.remove'), 'button-danger-quiet button-small', () => {
      dialog.close();
      confirmRemoval(parts, user, afterRemoval);
    }),
  );
  const dialog = openDialog(t('contacts.details', { name }), content);
  /** @param {State} state */
  const update = ({ online, people }) => {
    setText(presence, t(online.has(id) ? 'contacts.online' : 'contacts.offline'));
    if (!people?.contacts.some((contact) => contact.id === id)) dialog.close();
  };
  update(store.state);
  dialog.addEventListener('close', store.subscribe(update));
}

/**
 * @param {Parts} parts
 * @param {User} user
 * @param {HTMLElement} afterRemoval
 */
function confirmRemoval({ account }, user, afterRemoval) {
  const { name } = user;
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
