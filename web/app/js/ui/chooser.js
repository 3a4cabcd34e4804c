/** Choosing several contacts: to call them together, or to ask them into the call that runs. */

import { t } from '../i18n/index.js';
import { asKnown, filtered, inOrder, shownName, toggleAll } from '../state/people.js';
import { avatar } from './avatar.js';
import { openDialog } from './dialog.js';
import { attribute, button, h, icon, iconButton, keyedChildren, setText } from './dom.js';
import { labelChips } from './label_chips.js';

/** @import { CallKind, Person } from '../protocol.js' */
/** @import { Contact } from '../state/people.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/** As many as one request may ask (the protocol's bound). */
const MOST = 32;

/** @typedef {{ contact: Contact, name: string, online: boolean, picked: boolean }} Choice */
/** @typedef {{ words: string, picture: string, act: (people: Person[]) => void }} Way */

/**
 * A new call to several people.
 * @param {Parts} parts
 */
export function chooseForCall(parts) {
  /** @param {CallKind} kind */
  const call = (kind) => (/** @type {Person[]} */ people) => parts.calls.place(people, kind);
  open(parts, t('chooser.new_call'), () => true, [
    { words: t('contacts.group_audio'), picture: 'phone', act: call('audio') },
    { words: t('contacts.group_video'), picture: 'video', act: call('video') },
  ]);
}

/**
 * More people for the call on the screen: contacts without a seat, and those whose seat is over, who are rung again.
 * @param {Parts} parts
 * @param {(user: string) => boolean} mayBeAsked
 */
export function chooseToAdd(parts, mayBeAsked) {
  open(parts, t('chooser.add'), ({ id }) => mayBeAsked(id), [
    { words: t('chooser.add_chosen'), picture: 'add-person', act: (people) => parts.calls.invite(people) },
  ]);
}

/**
 * @param {Parts} parts
 * @param {string} title
 * @param {(contact: Contact) => boolean} offered
 * @param {Way[]} ways what can be done with those chosen
 */
function open({ store }, title, offered, ways) {
  /** @type {Set<string>} */
  let chosen = new Set();
  const search = h('input', { type: 'search', class: 'input input-search', 'aria-label': t('chooser.search'), placeholder: t('chooser.search') });
  search.addEventListener('input', () => update(store.state));
  const candidates = () => (store.state.people?.contacts ?? []).filter((contact) => !contact.blocked && offered(contact));
  const bearing = (/** @type {string} */ label) => candidates().filter(({ labels }) => labels?.includes(label)).map(({ id }) => id);
  const chips = labelChips(t('chooser.labels'), ({ id }) => {
    chosen = toggleAll(chosen, bearing(id));
    update(store.state);
  });
  const list = h('ul', { class: 'choices', 'aria-label': title });
  const show = keyedChildren(list, (/** @type {Choice} */ { contact }) => contact.id, (choice) =>
    choiceRow(choice, (id, on) => {
      if (on) chosen.add(id);
      else chosen.delete(id);
      update(store.state);
    }),
  );
  const nobody = h('p', { class: 'note', role: 'status' });
  const count = h('span', { class: 'group-count', 'aria-live': 'polite' });
  const buttons = ways.map(({ words, picture, act }) => {
    const element = button('', ways.length > 1 && picture === 'phone' ? 'button-quiet' : 'button-main', () => {
      const people = candidates().filter(({ id }) => chosen.has(id));
      dialog.close();
      act(people.map(({ id, name }) => asKnown(store.state, { id, name })));
    }, { 'aria-label': words, title: words });
    element.append(icon(picture), t(picture === 'phone' ? 'contacts.audio' : picture === 'video' ? 'contacts.video' : 'chooser.add_short'));
    return element;
  });
  const content = h(
    'div',
    { class: 'sheet sheet-choose' },
    iconButton('close', t('app.close'), 'sheet-close', () => dialog.close()),
    h('h2', {}, title),
    search,
    chips.element,
    list,
    nobody,
    h('div', { class: 'choose-bar' }, count, ...buttons),
  );

  /** @param {State} state */
  const update = ({ people, online }) => {
    const all = candidates();
    const ids = new Set(all.map(({ id }) => id));
    for (const id of chosen) if (!ids.has(id)) chosen.delete(id);
    const shown = inOrder(filtered(all, { text: search.value, label: null }));
    const byLabel = (people?.labels ?? []).filter(({ id, name }) => bearing(id).length > 0 && matches(name, search.value));
    chips.update(byLabel.map((label) => ({ ...label, pressed: bearing(label.id).every((id) => chosen.has(id)) })));
    show(shown.map((contact) => ({ contact, name: shownName(contact), online: online.has(contact.id), picked: chosen.has(contact.id) })));
    setText(nobody, shown.length === 0 ? t(all.length === 0 ? 'chooser.nobody' : 'contacts.nobody_found') : '');
    nobody.hidden = shown.length > 0;
    const tooMany = chosen.size > MOST;
    setText(count, tooMany ? t('chooser.too_many', { count: MOST }) : chosen.size > 0 ? t('contacts.group_count', { count: chosen.size }) : t('contacts.group_hint'));
    for (const element of buttons) element.disabled = chosen.size === 0 || tooMany;
  };
  const dialog = openDialog(title, content, 'dialog-choose');
  update(store.state);
  dialog.addEventListener('close', store.subscribe(update));
  search.focus();
}

/**
 * @param {Choice} first
 * @param {(id: string, on: boolean) => void} pick
 * @returns {import('./dom.js').View<Choice>}
 */
function choiceRow({ contact, name }, pick) {
  const box = h('input', { type: 'checkbox', 'aria-label': t('contacts.group_pick', { name }) });
  box.addEventListener('change', () => pick(contact.id, box.checked));
  const note = h('span', { class: 'row-note' });
  const face = avatar({ id: contact.id, name }, 'small');
  const element = h('li', {}, h('label', { class: 'choice' }, box, face, h('span', { class: 'row-text' }, h('span', { class: 'row-name' }, name), note)));
  return {
    element,
    update: ({ online, picked }) => {
      box.checked = picked;
      attribute(element, 'data-online', online);
      setText(note, t(online ? 'contacts.online' : 'contacts.offline'));
    },
  };
}

/** @param {string} name @param {string} typed */
function matches(name, typed) {
  return name.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase());
}
