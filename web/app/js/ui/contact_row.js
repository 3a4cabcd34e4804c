/** One contact: who it is, whether they are there, and the two ways to call. */

import { phone } from '../format.js';
import { t } from '../i18n/index.js';
import { avatar } from './avatar.js';
import { attribute, h, iconButton, setText } from './dom.js';

/** @import { CallKind } from '../protocol.js' */
/** @import { User } from '../state/state.js' */
/** @import { View } from './dom.js' */

/** @typedef {{ user: User, online: boolean, picking: boolean, picked: boolean }} ContactItem */
/**
 * @typedef {object} ContactHands
 * @property {(user: User, kind: CallKind) => void} call
 * @property {(user: User) => void} open
 * @property {(user: User, picked: boolean) => void} pick
 */

/**
 * @param {ContactItem} item
 * @param {ContactHands} hands
 * @returns {View<ContactItem>}
 */
export function contactRow({ user }, hands) {
  const { name } = user;
  const presence = h('span', { class: 'presence' });
  const note = h('span', { class: 'row-note' }, presence, h('span', { class: 'row-number' }, phone(user.phone)));
  const face = h('span', { class: 'row-face' }, avatar(user, 'medium'), h('span', { class: 'presence-dot', 'aria-hidden': 'true' }));
  const text = h('span', { class: 'row-text' }, h('span', { class: 'row-name' }, name), note);
  const open = h('button', { type: 'button', class: 'row-open', title: t('contacts.details', { name }) }, face, text);
  open.addEventListener('click', () => hands.open(user));
  const box = h('input', { type: 'checkbox', class: 'pick', 'aria-label': t('contacts.group_pick', { name }) });
  box.addEventListener('change', () => hands.pick(user, box.checked));
  const actions = h(
    'div',
    { class: 'row-actions' },
    iconButton('phone', t('contacts.audio_call', { name }), 'icon-call', () => hands.call(user, 'audio')),
    iconButton('video', t('contacts.video_call', { name }), 'icon-call', () => hands.call(user, 'video')),
  );
  const element = h('li', { class: 'row contact' }, open, box, actions);
  return {
    element,
    update: ({ online, picking, picked }) => {
      attribute(element, 'data-online', online);
      setText(presence, t(online ? 'contacts.online' : 'contacts.offline'));
      box.hidden = !picking;
      box.checked = picked;
      actions.hidden = picking;
    },
  };
}
