/** One contact: who it is, whether they are there, and the ways to reach them. */

import { phone } from '../format.js';
import { t } from '../i18n/index.js';
import { avatar } from './avatar.js';
import { attribute, h, iconButton, setText } from './dom.js';

/** @import { CallKind } from '../protocol.js' */
/** @import { Contact } from '../state/people.js' */
/** @import { View } from './dom.js' */

/** `name` is the one this user knows them by. @typedef {{ user: Contact, name: string, labels: string[], online: boolean }} ContactItem */
/**
 * @typedef {object} ContactHands
 * @property {(user: Contact, kind: CallKind) => void} call
 * @property {(user: Contact) => void} open
 * @property {(user: Contact) => void} write
 */

/**
 * @param {ContactItem} first
 * @param {ContactHands} hands
 * @returns {View<ContactItem>}
 */
export function contactRow(first, hands) {
  let { user } = first;
  const presence = h('span', { class: 'presence' });
  const note = h('span', { class: 'row-note' }, presence, h('span', { class: 'row-number' }, phone(user.phone)));
  const face = h('span', { class: 'row-face' });
  const dot = h('span', { class: 'presence-dot', 'aria-hidden': 'true' });
  const name = h('span', { class: 'row-name' });
  const labels = h('span', { class: 'row-labels' });
  const open = h('button', { type: 'button', class: 'row-open' }, face, h('span', { class: 'row-text' }, name, note, labels));
  open.addEventListener('click', () => hands.open(user));
  const write = iconButton('message', '', 'icon-write', () => hands.write(user));
  const audio = iconButton('phone', '', 'icon-call', () => hands.call(user, 'audio'));
  const video = iconButton('video', '', 'icon-call', () => hands.call(user, 'video'));
  const element = h('li', { class: 'row contact' }, open, h('div', { class: 'row-actions' }, write, audio, video));
  let named = '';
  let barred = false;
  return {
    element,
    update: (item) => {
      ({ user } = item);
      attribute(element, 'data-online', item.online && !user.blocked);
      attribute(element, 'data-blocked', Boolean(user.blocked));
      setText(presence, user.blocked ? t('contacts.blocked') : t(item.online ? 'contacts.online' : 'contacts.offline'));
      setText(labels, item.labels.join(' · '));
      if (item.name === named && Boolean(user.blocked) === barred) return;
      named = item.name;
      barred = Boolean(user.blocked);
      setText(name, named);
      face.replaceChildren(avatar({ id: user.id, name: named }, 'medium'), dot);
      attribute(open, 'title', t('contacts.details', { name: named }));
      for (const [control, key] of /** @type {const} */ ([[write, 'contacts.write'], [audio, 'contacts.audio_call'], [video, 'contacts.video_call']])) {
        attribute(control, 'aria-label', t(key, { name: named }));
        attribute(control, 'title', barred ? t('contacts.blocked_by_me') : t(key, { name: named }));
        control.disabled = barred;
      }
    },
  };
}
