/** One conversation: what was said, day by day, and a place to say more. */

import { day } from '../format.js';
import { language, t } from '../i18n/index.js';
import { byDay, NO_THREAD } from '../state/messages.js';
import { asKnown } from '../state/people.js';
import { avatar } from './avatar.js';
import { draftBubble, messageBubble } from './bubble.js';
import { composer } from './composer.js';
import { attribute, h, iconButton, keyedChildren, setText } from './dom.js';

/** @import { Message } from '../protocol.js' */
/** @import { State } from '../state/state.js' */
/** @import { Draft, Thread } from '../state/messages.js' */
/** @import { Parts } from './parts.js' */

/** Nearer to an end than this counts as being there. */
const NEAR_PX = 80;

/** @typedef {{ day: string, messages: Message[] }} Day */

/**
 * @param {Parts} parts
 * @param {string} user the other one
 * @returns {{ element: HTMLElement, update: (state: State) => void, focus: () => void, close: () => void }}
 */
export function conversationView(parts, user) {
  const { store, calls, conversations } = parts;
  const person = personOf(store.state, user);
  const { name } = person;
  const presence = h('span', { class: 'row-note' });
  const back = iconButton('back', t('messages.back'), 'talk-back', () => store.dispatch({ type: 'go', place: { tab: 'messages', conversation: null } }));
  const call = [
    iconButton('phone', t('contacts.audio_call', { name }), 'icon-call', () => calls.place([person], 'audio')),
    iconButton('video', t('contacts.video_call', { name }), 'icon-call', () => calls.place([person], 'video')),
  ];
  const head = h(
    'header',
    { class: 'talk-head' },
    back,
    avatar(person, 'small'),
    h('div', { class: 'row-text' }, h('h2', { class: 'row-name' }, name), presence),
    ...call,
  );
  const days = h('ol', { class: 'talk-days' });
  const showDays = keyedChildren(days, (/** @type {Day} */ one) => one.day, (one) => dayView(one.day, store.state.me?.id ?? ''));
  const drafts = h('ul', { class: 'bubbles' });
  const showDrafts = keyedChildren(drafts, (/** @type {Draft} */ { key }) => key, (draft) =>
    draftBubble(draft, {
      retry: (again) => conversations.retry(user, again),
      discard: (gone) => conversations.discard(user, gone),
    }),
  );
  const hint = h('p', { class: 'note talk-hint', role: 'status' });
  const box = h('div', { class: 'talk-box', role: 'log', 'aria-label': t('messages.with', { name }), tabindex: 0 }, hint, days, drafts);
  const write = composer(parts, person);
  const closed = h('p', { class: 'note talk-closed' });
  const element = h('section', { class: 'card talk', 'aria-label': t('messages.with', { name }) }, head, box, write.element, closed);

  /** @type {Thread} */
  let shown = NO_THREAD;
  box.addEventListener('scroll', () => {
    if (box.scrollTop < NEAR_PX) conversations.older(user);
  });
  return {
    element,
    focus: () => write.focus(),
    close: () => write.close(),
    update: (state) => {
      const thread = state.messages.threads[user] ?? NO_THREAD;
      const contact = state.people?.contacts.find(({ id }) => id === user);
      const isContact = contact !== undefined || state.people === null;
      const blocked = Boolean(contact?.blocked);
      write.element.hidden = !isContact || blocked;
      closed.hidden = isContact && !blocked;
      setText(closed, t(blocked ? 'contacts.blocked_by_me' : 'messages.not_a_contact'));
      call.forEach((control, at) => {
        control.hidden = !contact;
        control.disabled = blocked;
        attribute(control, 'title', t(blocked ? 'contacts.blocked_by_me' : at === 0 ? 'contacts.audio_call' : 'contacts.video_call', { name }));
      });
      setText(presence, contact ? t(contact.blocked ? 'contacts.blocked' : state.online.has(user) ? 'contacts.online' : 'contacts.offline') : '');
      setText(hint, hintOf(thread));
      hint.hidden = hint.textContent === '';
      if (thread !== shown) {
        const keep = placeOf(box);
        showDays(byDay(thread.messages, (ms) => day(ms, Date.now(), language())));
        showDrafts(thread.drafts);
        keep(shown.messages.length === 0 || thread.drafts.length > shown.drafts.length);
        shown = thread;
      }
      if (document.visibilityState === 'visible' && !state.call) conversations.read(user);
    },
  };
}

/** @param {Thread} thread */
function hintOf({ messages, drafts, status, loaded }) {
  if (status === 'failed') return t('messages.failed');
  if (status === 'loading') return t('messages.loading');
  return loaded && messages.length + drafts.length === 0 ? t('messages.say_something') : '';
}

/**
 * @param {string} name
 * @param {string} me
 * @returns {import('./dom.js').View<Day>}
 */
function dayView(name, me) {
  const list = h('ul', { class: 'bubbles' });
  const show = keyedChildren(list, (/** @type {Message} */ { id }) => id, (message) => messageBubble(message, me));
  return { element: h('li', {}, h('p', { class: 'talk-day' }, name), list), update: ({ messages }) => show(messages) };
}

/**
 * Remembers where the reader is: at the end, to stay there, or at some message, which must not move when older ones come.
 * @param {HTMLElement} box
 * @returns {(toEnd: boolean) => void}
 */
function placeOf(box) {
  const fromEnd = box.scrollHeight - box.scrollTop;
  const atEnd = fromEnd - box.clientHeight < NEAR_PX;
  return (toEnd) => {
    box.scrollTop = atEnd || toEnd ? box.scrollHeight : box.scrollHeight - fromEnd;
  };
}

/**
 * @param {State} state
 * @param {string} user
 */
function personOf(state, user) {
  const contact = state.people?.contacts.find(({ id }) => id === user);
  const name = contact?.name ?? state.messages.conversations?.find((conversation) => conversation.with.id === user)?.with.name;
  return asKnown(state, { id: user, name: name ?? '' });
}
