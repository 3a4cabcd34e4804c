/** The contacts: everybody this person can call, all of them or those that are looked for. */

import { t } from '../i18n/index.js';
import { asKnown, filtered, inOrder, shownName } from '../state/people.js';
import { chooseForCall } from './chooser.js';
import { contactRow } from './contact_row.js';
import { contactSheet } from './contact_sheet.js';
import { button, h, icon, keyedChildren } from './dom.js';
import { labelChips } from './label_chips.js';
import { openLabels } from './labels_dialog.js';

/** @import { State } from '../state/state.js' */
/** @import { ContactItem } from './contact_row.js' */
/** @import { Parts, StateView } from './parts.js' */

/** So few are seen at a glance. */
const SEARCH_FROM = 6;

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function contactsView(parts) {
  const { store, account, calls } = parts;
  /** @type {string | null} */
  let label = null;

  const heading = h('h1', { id: 'contacts-title', tabindex: -1 }, t('contacts.title'));
  const group = h('button', { type: 'button', class: 'button button-quiet button-small' }, icon('people'), t('contacts.group'));
  group.addEventListener('click', () => chooseForCall(parts));
  const list = h('ul', { class: 'rows', 'aria-labelledby': heading.id });
  const empty = emptyState();
  const nobody = h('p', { class: 'note', role: 'status' });
  const loading = h('p', { class: 'note' }, t('contacts.loading'));
  const failed = h('div', { class: 'note' }, h('p', { role: 'alert' }, t('contacts.failed')));
  failed.append(button(t('contacts.retry'), 'button-quiet button-small', () => account.refresh()));

  const search = h('input', { type: 'search', class: 'input input-search', 'aria-label': t('contacts.search'), placeholder: t('contacts.search') });
  search.addEventListener('input', () => update(store.state));
  const chips = labelChips(t('labels.filter'), ({ id }) => {
    label = label === id ? null : id;
    update(store.state);
  });
  const edit = button(t('labels.edit'), 'button-link button-small', () => openLabels(parts));
  const filter = h('div', { class: 'filter' }, search, h('div', { class: 'filter-labels' }, chips.element, edit));

  const show = keyedChildren(list, (/** @type {ContactItem} */ { user }) => user.id, (item) =>
    contactRow(item, {
      call: (user, kind) => calls.place([asKnown(store.state, { id: user.id, name: user.name })], kind),
      open: (user) => contactSheet(parts, user, heading),
      write: (user) => store.dispatch({ type: 'go', place: { tab: 'messages', conversation: user.id } }),
    }),
  );

  const element = h(
    'section',
    { class: 'card contacts', 'aria-labelledby': heading.id },
    h('div', { class: 'card-head' }, heading, group),
    loading,
    failed,
    empty,
    filter,
    list,
    nobody,
  );

  /** @param {State} state */
  const update = ({ people, peopleFailed, online }) => {
    const all = people?.contacts ?? [];
    const labels = people?.labels ?? [];
    if (label !== null && !labels.some(({ id }) => id === label)) label = null;
    const contacts = inOrder(filtered(all, { text: search.value, label }));
    loading.hidden = people !== null || peopleFailed;
    failed.hidden = people !== null || !peopleFailed;
    empty.hidden = people === null || all.length > 0;
    group.hidden = all.length < 2;
    search.hidden = all.length < SEARCH_FROM && search.value === '';
    edit.hidden = labels.length === 0;
    filter.hidden = search.hidden && labels.length === 0;
    nobody.hidden = contacts.length > 0 || all.length === 0;
    nobody.textContent = nobody.hidden ? '' : t('contacts.nobody_found');
    chips.update(labels.map((one) => ({ ...one, pressed: one.id === label })));
    const nameOf = (/** @type {string} */ id) => labels.find((candidate) => candidate.id === id)?.name;
    show(
      contacts.map((user) => ({
        user,
        name: shownName(user),
        labels: (user.labels ?? []).flatMap((id) => nameOf(id) ?? []),
        online: online.has(user.id),
      })),
    );
  };
  return { element, update };
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
