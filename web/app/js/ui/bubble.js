/** One message as it is read or heard: text as text, a clip with its player, and what was not sent yet. */

import { clock } from '../format.js';
import { errorKey, language, t } from '../i18n/index.js';
import { clipPlayer } from './clip_player.js';
import { attribute, button, h, setText } from './dom.js';

/** @import { Message } from '../protocol.js' */
/** @import { Draft } from '../state/messages.js' */
/** @import { View } from './dom.js' */

/**
 * @param {Message} message
 * @param {string} me
 * @returns {View<Message>}
 */
export function messageBubble({ from, body, sent_ms: sentMs }, me) {
  const content = body.type === 'text' ? h('p', { class: 'bubble-text' }, body.text) : clipPlayer(body);
  const mine = from === me;
  const element = h(
    'li',
    { class: 'bubble', 'data-mine': mine },
    h('span', { class: 'only-read' }, t(mine ? 'messages.you' : 'messages.they')),
    content,
    h('time', { class: 'bubble-time' }, clock(sentMs, language())),
  );
  return { element, update: () => {} };
}

/**
 * @param {Draft} first
 * @param {{ retry: (draft: Draft) => void, discard: (draft: Draft) => void }} hands
 * @returns {View<Draft>}
 */
export function draftBubble(first, { retry, discard }) {
  let draft = first;
  const state = h('span', { class: 'bubble-time', role: 'status' });
  const again = button(t('messages.retry'), 'button-quiet button-small', () => retry(draft));
  const gone = button(t('messages.discard'), 'button-link button-small', () => discard(draft));
  const ways = h('div', { class: 'bubble-ways' }, again, gone);
  const content = first.text ?? t('clip.short');
  const element = h('li', { class: 'bubble bubble-draft', 'data-mine': true }, h('p', { class: 'bubble-text' }, content), state, ways);
  return {
    element,
    update: (next) => {
      draft = next;
      attribute(element, 'data-status', draft.status);
      setText(state, draft.status === 'sending' ? t('messages.sending') : t(errorKey(draft.code ?? 'unknown')));
      ways.hidden = draft.status === 'sending';
    },
  };
}
