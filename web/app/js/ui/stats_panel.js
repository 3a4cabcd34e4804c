/** Why a call looks as it does: what each picture gets and what the whole call does, once a second while somebody reads it. */

import { figures } from '../call/figures.js';
import { t } from '../i18n/index.js';
import { sentRows, tileRows, totalLines } from '../layout/figure_words.js';
import { tilesOf } from '../state/tiles.js';
import { asKnown } from '../state/people.js';
import { h, iconButton, keyedChildren, setText, uniqueId } from './dom.js';

/** @import { Figures } from '../call/figures.js' */
/** @import { Peer } from '../call/peer.js' */
/** @import { Line, Row } from '../layout/figure_words.js' */
/** @import { Parts } from './parts.js' */

const EVERY_MS = 1000;

/**
 * @param {Parts} parts
 * @param {(open: boolean) => void} onOpen
 */
export function statsPanel(parts, onOpen) {
  const { calls, store, log } = parts;
  const total = h('dl', { class: 'stats-total' });
  const showTotal = keyedChildren(total, (/** @type {Line} */ { label }) => label, totalLine);
  const received = table(['stats.who', 'stats.picture', 'stats.fps', 'stats.rate', 'stats.layer', 'stats.loss_short'], t('stats.received'));
  const sent = table(['stats.layer', 'stats.picture', 'stats.fps', 'stats.rate', 'stats.limited'], t('stats.sent'));
  const heading = h('h3', { id: uniqueId('stats') }, t('stats.title'));
  const close = iconButton('close', t('stats.close'), 'icon-on-dark', () => set(false));
  const content = h('div', { class: 'stats-content', tabindex: 0, role: 'group', 'aria-labelledby': heading.id }, total, received.element, sent.element);
  const element = h('aside', { class: 'stats', 'aria-labelledby': heading.id }, h('header', { class: 'stats-top' }, heading, close), content);
  element.hidden = true;
  let open = false;
  let asking = false;
  /** What was counted last, and where. @type {{ peer: Peer, report: RTCStatsReport } | null} */
  let before = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  async function look() {
    const peer = calls.session?.peer;
    if (asking || !peer) return;
    asking = true;
    try {
      const [report, served] = await Promise.all([peer.stats(), calls.serverStats()]);
      if (open) show(figures(before?.peer === peer ? before.report : null, report, served));
      before = { peer, report };
    } catch (error) {
      log.note('call', 'statistics:', error);
    } finally {
      asking = false;
    }
  }

  /** @param {Figures} figured */
  function show(figured) {
    const { call } = store.state;
    const tiles = call ? tilesOf(call).map((tile) => ({ ...tile, person: asKnown(store.state, tile.person) })) : [];
    showTotal(totalLines(figured.total));
    received.update(tileRows(tiles, figured.tiles));
    sent.update(sentRows(figured.sent));
  }

  /** @param {boolean} next */
  function set(next) {
    if (open === next) return;
    open = next;
    element.hidden = !open;
    clearInterval(timer);
    before = null;
    onOpen(open);
    if (!open) return;
    timer = setInterval(look, EVERY_MS);
    look();
  }

  return { element, toggle: () => set(!open), close: () => set(false), isOpen: () => open };
}

/** @param {Line} line */
function totalLine({ label }) {
  const value = h('dd', {});
  return { element: h('div', {}, h('dt', {}, label), value), update: (/** @type {Line} */ line) => setText(value, line.value) };
}

/**
 * @param {import('../i18n/index.js').Key[]} heads
 * @param {string} caption
 * @returns {import('./dom.js').View<Row[]>}
 */
function table(heads, caption) {
  const body = h('tbody');
  const show = keyedChildren(body, (/** @type {Row} */ { key }) => key, ({ cells }) => {
    const name = h('th', { scope: 'row' });
    const values = cells.map(() => h('td'));
    return {
      element: h('tr', {}, name, ...values),
      update: (row) => {
        setText(name, row.name);
        values.forEach((value, at) => setText(value, row.cells[at] ?? ''));
      },
    };
  });
  const head = h('thead', {}, h('tr', {}, ...heads.map((key) => h('th', { scope: 'col' }, t(key)))));
  const element = h('table', { class: 'stats-table' }, h('caption', {}, caption), head, body);
  return {
    element,
    update: (rows) => {
      element.hidden = rows.length === 0;
      show(rows);
    },
  };
}
