/** A call of the past looked at closely: who took part and when, and how it was heard and seen. */

import { clock, day, duration, list, number } from '../format.js';
import { language, t } from '../i18n/index.js';
import { gradeOf, othersOf, outcomeOf } from '../state/history.js';
import { asKnown } from '../state/people.js';
import { avatar } from './avatar.js';
import { openDialog } from './dialog.js';
import { button, h, icon, iconButton } from './dom.js';

/** @import { CallKind } from '../protocol.js' */
/** @import { PastCall, PastSeat, SeatQuality } from '../state/history.js' */
/** @import { Parts } from './parts.js' */

/**
 * @param {Parts} parts
 * @param {PastCall} past
 */
export function openCallDetails({ store, calls }, past) {
  const me = store.state.me?.id ?? '';
  const people = othersOf(past, me).map((person) => asKnown(store.state, person));
  const names = list(people.map(({ name }) => name), language());
  const mine = store.state.mine.find(({ call }) => call === past.id);
  const title = t('past.about', { names });
  /** @param {CallKind} kind @param {string} picture @param {import('../i18n/index.js').Key} key @param {string} label */
  const again = (kind, picture, key, label) => {
    const element = button('', 'button-main', () => {
      dialog.close();
      calls.place(people, kind);
    }, { 'aria-label': label });
    element.append(icon(picture), t(key));
    return element;
  };
  const join = button(t('mine.join'), 'button-accept', () => {
    dialog.close();
    if (mine) calls.join(mine);
  }, { 'aria-label': t('past.join', { names }) });
  const ways = mine
    ? [join]
    : [again('audio', 'phone', 'contacts.audio', t('contacts.audio_call', { name: names })), again('video', 'video', 'contacts.video', t('contacts.video_call', { name: names }))];
  const outcome = outcomeOf(past);
  const content = h(
    'div',
    { class: 'sheet sheet-start sheet-past' },
    iconButton('close', t('app.close'), 'sheet-close', () => dialog.close()),
    h('h2', {}, names),
    h('p', { class: 'note' }, `${t(`past.${past.direction}_${past.kind}`)} · ${t(`past.outcome_${outcome}`)}`),
    h('p', { class: 'note' }, `${day(past.placed_ms, Date.now(), language())}, ${clock(past.placed_ms, language())}`),
    past.duration_ms > 0 ? h('p', { class: 'note' }, t('past.lasted', { duration: duration(past.duration_ms) })) : null,
    h('ul', { class: 'past-seats', 'aria-label': t('call.people') }, ...past.seats.map((seat) => seatLine(seat, asKnown(store.state, seat.person).name, seat.person.id === me))),
    h('div', { class: 'sheet-calls' }, ...ways),
  );
  const dialog = openDialog(title, content);
}

/**
 * @param {PastSeat} seat
 * @param {string} name
 * @param {boolean} own
 */
function seatLine({ person, state, joined_ms: joined, left_ms: left, quality }, name, own) {
  const times = [joined, left].filter((at) => at !== null).map((at) => clock(at ?? 0, language()));
  const words = joined === null ? t(`seat.${state}`) : times.join(' – ');
  return h(
    'li',
    { class: 'past-seat', 'data-seat': state },
    avatar({ id: person.id, name }, 'small'),
    h('div', { class: 'row-text' }, h('span', { class: 'row-name' }, own ? t('call.with_you') : name), h('span', { class: 'row-note' }, words), ...(quality ? qualityLines(quality) : [])),
  );
}

/** @param {SeatQuality} quality */
function qualityLines({ loss, rtt_ms: rtt, jitter_ms: jitter, mos, frozen_ms: frozen, worst_at_ms: worstAt, worst_mos: worst }) {
  const grade = gradeOf(mos);
  const figures = t('quality.figures', {
    mos: number(mos, 1, language()),
    loss: number(loss * 100, 1, language()),
    rtt: number(rtt, 0, language()),
    jitter: number(jitter, 0, language()),
  });
  const more = [frozen >= 100 ? t('quality.frozen', { seconds: number(frozen / 1000, 1, language()) }) : t('quality.not_frozen')];
  if (worst < mos - 0.1) more.push(t('quality.worst', { time: clock(worstAt, language()), mos: number(worst, 1, language()) }));
  return [
    h('span', { class: 'quality', 'data-grade': grade }, h('strong', {}, t(`quality.${grade}`)), ` ${figures}`),
    h('span', { class: 'row-note quality-more' }, more.join(' · ')),
  ];
}
