/** What can be set: calls that wait, notifications, labels; and the log for somebody who wants to tell what went wrong. */

import { t } from '../i18n/index.js';
import { notificationPermission } from './attention.js';
import { button, h, setText, uniqueId } from './dom.js';
import { openLabels } from './labels_dialog.js';
import { openLogPanel } from './log_panel.js';

/** @import { Parts, StateView } from './parts.js' */

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function settingsPage(parts) {
  const { book, log } = parts;
  const heading = h('h1', { id: 'settings-title', tabindex: -1 }, t('settings.title'));
  const waiting = setting(t('settings.call_waiting'), t('settings.call_waiting_text'), (on) => book.setCallWaiting(on));
  const notifications = notificationSetting();
  const element = h(
    'section',
    { class: 'card page', 'aria-labelledby': heading.id },
    heading,
    waiting.element,
    notifications.element,
    h('div', { class: 'setting-row' }, words(t('labels.title'), t('labels.text')), button(t('labels.edit'), 'button-quiet', () => openLabels(parts))),
    h('div', { class: 'setting-row' }, words(t('log.title'), t('log.text')), button(t('settings.open_log'), 'button-quiet', () => openLogPanel(log))),
  );
  return {
    element,
    update: ({ settings }) => {
      waiting.box.disabled = settings.callWaiting === null;
      waiting.box.checked = settings.callWaiting ?? false;
      notifications.update();
    },
  };
}

/** Asked for by a click of the person's own: browsers refuse pages that ask unasked, and so do people. */
function notificationSetting() {
  const note = h('p', { class: 'note', role: 'status' });
  const allow = button(t('settings.notifications_allow'), 'button-quiet', async () => {
    await Notification.requestPermission();
    update();
  });
  const update = () => {
    const permission = notificationPermission();
    allow.hidden = permission !== 'default';
    setText(note, t(`settings.notifications_${permission}`));
  };
  update();
  return { element: h('div', { class: 'setting-row' }, h('div', {}, h('h2', {}, t('settings.notifications')), note), allow), update };
}

/**
 * @param {string} name
 * @param {string} text
 * @param {(on: boolean) => void} set
 */
function setting(name, text, set) {
  const id = uniqueId('setting');
  const box = h('input', { type: 'checkbox', role: 'switch', class: 'switch', id, 'aria-describedby': `${id}-text` });
  box.addEventListener('change', () => set(box.checked));
  const label = h('label', { for: id, class: 'setting-name' }, name);
  return { box, element: h('div', { class: 'setting-row' }, h('div', {}, label, h('p', { class: 'note', id: `${id}-text` }, text)), box) };
}

/**
 * @param {string} name
 * @param {string} text
 */
function words(name, text) {
  return h('div', {}, h('h2', {}, name), h('p', { class: 'note' }, text));
}
