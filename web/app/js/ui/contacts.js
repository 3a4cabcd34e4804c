/** The contacts: everybody this person can call, alone or several at once. */

import { t } from '../i18n/index.js';
import { contactRow } from './contact_row.js';
import { contactSheet } from './contact_sheet.js';
import { attribute, button, h, icon, iconButton, keyedChildren, setText } from './dom.js';

/** @import { CallKind } from '../protocol.js' */
/** @import { State, User } from '../state/state.js' */
/** @import { ContactItem } from './contact_row.js' */
/** @import { Parts, StateView } from './parts.js' */

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function contactsView(parts) {
  const { store, account, calls } = parts;
  /** @type {Set<string>} */
  const picked = new Set();
  let picking = false;

  const heading = h('h1', { id: 'contacts-title', tabindex: -1 }, t('contacts.title'));
  const group = h('button', { type: 'button', class: 'button button-quiet button-small' }, icon('people'), t('contacts.group'));
  const list = h('ul', { class: 'rows', 'aria-labelledby': heading.id });
  const empty = emptyState();
  const loading = h('p', { class: 'note' }, t('contacts.loading'));
  const failed = h('div', { class: 'note' }, h('p', { role: 'alert' }, t('contacts.failed')));
  failed.append(button(t('contacts.retry'), 'button-quiet button-small', () => account.refresh()));

  /** @param {CallKind} kind */
  const callPicked = (kind) => {
    const people = (store.state.people?.contacts ?? []).filter(({ id }) => picked.has(id));
    pick(false);
    if (people.length > 0) calls.place(people.map(({ id, name }) => ({ id, name })), kind);
  };
  const count = h('span', { class: 'group-count', 'aria-live': 'polite' });
  const audio = iconButton('phone', t('contacts.group_audio'), 'icon-call', () => callPicked('audio'));
  const video = iconButton('video', t('contacts.group_video'), 'icon-call', () => callPicked('video'));
  const cancel = button(t('app.cancel'), 'button-quiet button-small', () => pick(false));
  const bar = h('div', { class: 'group-bar' }, count, audio, video, cancel);

  /** @param {boolean} on */
  const pick = (on) => {
    const left = picking && !on;
    picking = on;
    picked.clear();
    update(store.state);
    if (left && document.activeElement === document.body) group.focus();
  };
  group.addEventListener('click', () => pick(!picking));

  const show = keyedChildren(list, (/** @type {ContactItem} */ { user }) => user.id, (item) =>
    contactRow(item, {
      call: ({ id, name }, kind) => calls.place([{ id, name }], kind),
      open: (user) => contactSheet(parts, user, heading),
      pick: (user, on) => {
        if (on) picked.add(user.id);
        else picked.delete(user.id);
        update(store.state);
      },
    }),
  );

  const element = h(
    'section',
    { class: 'card contacts', 'aria-labelledby': heading.id },
    h('div', { class: 'card-head' }, heading, group),
    loading,
    failed,
    empty,
    list,
    bar,
  );

  /** @param {State} state */
  const update = ({ people, peopleFailed, online }) => {
    const contacts = inOrder(people?.contacts ?? []);
    for (const id of picked) if (!contacts.some((contact) => contact.id === id)) picked.delete(id);
    if (contacts.length < 2) picking = false;
    loading.hidden = people !== null || peopleFailed;
    failed.hidden = people !== null || !peopleFailed;
    empty.hidden = people === null || contacts.length > 0;
    group.hidden = contacts.length < 2;
    attribute(group, 'aria-pressed', String(picking));
    bar.hidden = !picking;
    setText(count, picked.size > 0 ? t('contacts.group_count', { count: picked.size }) : t('contacts.group_hint'));
    audio.disabled = video.disabled = picked.size === 0;
    show(contacts.map((user) => ({ user, online: online.has(user.id), picking, picked: picked.has(user.id) })));
  };
  return { element, update };
}

/**
 * By name: an order that stays while people come and go, so that nobody calls the wrong one.
 * @param {User[]} contacts
 */
function inOrder(contacts) {
  return [...contacts].sort((one, other) => one.name.localeCompare(other.name) || one.id.localeCompare(other.id));
}

function emptyState() {
  return h(
    'div',
    { class: 'empty' },
    h('span', { class: 'empty-picture', 'aria-hidden': 'true' }, icon('people')),
    h('p', { class: 'empty-title' }, t('contacts.empty_title')),
    h('p', { class: 'note' }, t('contacts.empty_text')),
  );
}
