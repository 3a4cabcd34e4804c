/** Conversations: all of them beside the one that lies open; on a phone one after the other. */

import { moment } from '../format.js';
import { language, t } from '../i18n/index.js';
import { asKnown, inOrder, shownName } from '../state/people.js';
import { avatar } from './avatar.js';
import { conversationView } from './conversation.js';
import { attribute, button, h, icon, keyedChildren, setText } from './dom.js';

/** @import { Message, Person } from '../protocol.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts, StateView } from './parts.js' */

/** One without messages is a contact to whom nothing was written yet. @typedef {{ person: Person, last: Message | null, unread: number }} Line */

/**
 * @param {Parts} parts
 * @returns {StateView & { close: () => void }}
 */
export function messagesPage(parts) {
  const { store, conversations } = parts;
  const heading = h('h1', { id: 'messages-title', tabindex: -1 }, t('messages.title'));
  const list = h('ul', { class: 'rows', 'aria-labelledby': heading.id });
  const show = keyedChildren(list, (/** @type {Line} */ { person }) => person.id, (line) => conversationRow(parts, line));
  const loading = h('p', { class: 'note' }, t('messages.loading'));
  const failed = h('div', { class: 'note' }, h('p', { role: 'alert' }, t('messages.failed')));
  failed.append(button(t('contacts.retry'), 'button-quiet button-small', () => conversations.refresh()));
  const empty = h(
    'div',
    { class: 'empty' },
    h('span', { class: 'empty-picture', 'aria-hidden': 'true' }, icon('message')),
    h('p', { class: 'empty-title' }, t('messages.empty_title')),
    h('p', { class: 'note' }, t('messages.empty_text')),
  );
  const nothing = h('p', { class: 'note talk-nothing' }, t('messages.choose'));
  const place = h('div', { class: 'talk-place' }, nothing);
  const element = h(
    'div',
    { class: 'talks' },
    h('section', { class: 'card talk-list', 'aria-labelledby': heading.id }, heading, loading, failed, empty, list),
    place,
  );

  /** @type {ReturnType<typeof conversationView> | null} */
  let view = null;
  let shown = '';
  /** @param {State} state */
  const showConversation = (state) => {
    const { conversation, tab } = state.place;
    const open = tab === 'messages' ? conversation : null;
    if ((open ?? '') !== shown) {
      shown = open ?? '';
      view?.close();
      view = open ? conversationView(parts, open) : null;
      place.replaceChildren(view?.element ?? nothing);
      if (open) {
        conversations.open(open);
        view?.focus();
      }
    }
    attribute(element, 'data-open', open !== null);
    nothing.hidden = state.people?.contacts.length === 0;
    view?.update(store.state);
  };

  return {
    element,
    close: () => view?.close(),
    update: (state) => {
      const { conversations: known, failed: broken } = state.messages;
      const lines = linesOf(state);
      loading.hidden = known !== null || broken;
      failed.hidden = known !== null || !broken;
      empty.hidden = known === null || lines.length > 0;
      show(lines);
      showConversation(state);
    },
  };
}

/**
 * Conversations with the latest first, then the contacts one has not written with.
 * @param {State} state
 * @returns {Line[]}
 */
function linesOf(state) {
  const known = state.messages.conversations ?? [];
  const talkedTo = new Set(known.map((conversation) => conversation.with.id));
  const others = inOrder(state.people?.contacts ?? []).filter(({ id }) => !talkedTo.has(id));
  return [
    ...known.map(({ with: person, last, unread }) => ({ person: asKnown(state, person), last, unread })),
    ...others.map((contact) => ({ person: { id: contact.id, name: shownName(contact) }, last: null, unread: 0 })),
  ];
}

/**
 * @param {Parts} parts
 * @param {Line} first
 * @returns {import('./dom.js').View<Line>}
 */
function conversationRow({ store }, { person }) {
  const name = h('span', { class: 'row-name' }, person.name);
  const words = h('span', { class: 'row-note' });
  const time = h('time', { class: 'talk-time' });
  const badge = h('span', { class: 'badge badge-row' });
  const open = h(
    'button',
    { type: 'button', class: 'row-open', title: t('messages.with', { name: person.name }) },
    avatar(person, 'medium'),
    h('span', { class: 'row-text' }, name, words),
    h('span', { class: 'talk-end' }, time, badge),
  );
  open.addEventListener('click', () => store.dispatch({ type: 'go', place: { tab: 'messages', conversation: person.id } }));
  const element = h('li', { class: 'row contact talk-row' }, open);
  return {
    element,
    update: ({ last, unread, person: next }) => {
      setText(name, next.name);
      setText(words, last ? wordsOf(last, store.state.me?.id ?? '') : t('messages.none_yet'));
      setText(time, last ? moment(last.sent_ms, Date.now(), language()) : '');
      badge.hidden = unread === 0;
      setText(badge, unread > 99 ? '99+' : String(unread));
      attribute(badge, 'aria-label', t('nav.messages_count', { count: unread }));
      attribute(element, 'data-unread', unread > 0);
      attribute(open, 'aria-current', store.state.place.conversation === next.id ? 'true' : null);
    },
  };
}

/**
 * @param {Message} message
 * @param {string} me
 */
function wordsOf({ from, body }, me) {
  const said = body.type === 'text' ? body.text : t('clip.short');
  return from === me ? t('messages.you_said', { said }) : said;
}
