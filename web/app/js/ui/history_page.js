/** The calls of the past, the latest first: who, which way, what became of it, and calling again. */

import { clock, day, duration, list } from '../format.js';
import { language, t } from '../i18n/index.js';
import { othersOf, outcomeOf } from '../state/history.js';
import { asKnown } from '../state/people.js';
import { avatar } from './avatar.js';
import { openCallDetails } from './call_details.js';
import { attribute, button, h, icon, iconButton, keyedChildren, setText } from './dom.js';
import { whenSeen } from './when_seen.js';

/** @import { Person } from '../protocol.js' */
/** @import { PastCall } from '../state/history.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts, StateView } from './parts.js' */

/** @typedef {{ past: PastCall, people: Person[], running: boolean, head: string | null }} Line */

/**
 * @param {Parts} parts
 * @returns {StateView}
 */
export function historyPage(parts) {
  const { past, store } = parts;
  const heading = h('h1', { id: 'history-title', tabindex: -1 }, t('past.title'));
  const rows = h('ol', { class: 'rows past-rows', 'aria-labelledby': heading.id });
  const show = keyedChildren(rows, (/** @type {Line} */ { past: { id } }) => id, (line) => pastRow(parts, line));
  const loading = h('p', { class: 'note' }, t('past.loading'));
  const failed = h('div', { class: 'note' }, h('p', { role: 'alert' }, t('past.failed')));
  failed.append(button(t('contacts.retry'), 'button-quiet button-small', () => past.refresh()));
  const empty = h(
    'div',
    { class: 'empty' },
    h('span', { class: 'empty-picture', 'aria-hidden': 'true' }, icon('clock')),
    h('p', { class: 'empty-title' }, t('past.empty_title')),
    h('p', { class: 'note' }, t('past.empty_text')),
  );
  const more = button(t('past.older'), 'button-quiet', () => past.older());
  whenSeen(more, () => past.older());
  const element = h('section', { class: 'card page', 'aria-labelledby': heading.id }, heading, loading, failed, empty, rows, h('div', { class: 'more' }, more));
  return {
    element,
    update: (state) => {
      const { calls, status, more: hasMore } = state.history;
      loading.hidden = calls !== null || status === 'failed';
      failed.hidden = status !== 'failed';
      empty.hidden = calls === null || calls.length > 0;
      more.hidden = !hasMore;
      show(linesOf(state, calls ?? []));
      if (state.place.tab === 'calls' && !state.call && document.visibilityState === 'visible') past.seen();
    },
  };

  /**
   * @param {State} state
   * @param {PastCall[]} calls
   * @returns {Line[]}
   */
  function linesOf(state, calls) {
    let before = '';
    return calls.map((call) => {
      const name = day(call.placed_ms, Date.now(), language());
      const head = name === before ? null : name;
      before = name;
      const people = othersOf(call, state.me?.id ?? '').map((person) => asKnown(store.state, person));
      const running = call.ended_ms === null && state.mine.some((mine) => mine.call === call.id);
      return { past: call, people, running, head };
    });
  }
}

/**
 * @param {Parts} parts
 * @param {Line} first
 * @returns {import('./dom.js').View<Line>}
 */
function pastRow(parts, first) {
  const { calls, store } = parts;
  let line = first;
  const names = list(first.people.map(({ name }) => name), language());
  const [one = { id: first.past.id, name: '?' }] = first.people;
  const head = h('p', { class: 'past-day' });
  const arrow = icon(first.past.direction === 'incoming' ? 'arrow-in' : 'arrow-out');
  const kind = h('span', { class: 'past-kind' }, `${t(`past.${first.past.direction}_${first.past.kind}`)} · `);
  const words = h('span', {});
  const time = h('time', { class: 'past-time' }, clock(first.past.placed_ms, language()));
  const text = h('span', { class: 'row-text' }, h('span', { class: 'row-name' }, names), h('span', { class: 'row-note past-note' }, arrow, kind, words));
  const face = first.people.length > 1 ? h('span', { class: 'avatar avatar-medium avatar-group', 'aria-hidden': 'true' }, icon('people')) : avatar(one, 'medium');
  const open = h('button', { type: 'button', class: 'row-open', title: t('past.about', { names }) }, face, text, time);
  open.addEventListener('click', () => openCallDetails(parts, line.past));
  const again = iconButton(first.past.kind === 'video' ? 'video' : 'phone', t('past.call_back', { names }), 'icon-call', () =>
    calls.place(line.people, line.past.kind),
  );
  const join = button(t('mine.join'), 'button-accept button-small', () => {
    const mine = store.state.mine.find(({ call }) => call === line.past.id);
    if (mine) calls.join(mine);
  }, { 'aria-label': t('past.join', { names }) });
  const row = h('div', { class: 'row contact' }, open, h('div', { class: 'row-actions' }, again, join));
  const element = h('li', { class: 'past', 'data-direction': first.past.direction }, head, row);
  return {
    element,
    update: (next) => {
      line = next;
      const outcome = outcomeOf(line.past);
      attribute(element, 'data-outcome', outcome);
      head.hidden = line.head === null;
      setText(head, line.head ?? '');
      setText(words, outcome === 'talked' ? duration(line.past.duration_ms) : t(`past.outcome_${outcome}`));
      join.hidden = !line.running;
      again.hidden = line.running;
    },
  };
}
