/** The log, for somebody who wants to tell what went wrong. */

import { line } from '../log.js';
import { t } from '../i18n/index.js';
import { button, h, icon, iconButton, setText } from './dom.js';
import { openDialog } from './dialog.js';

/** @import { Entry, Log } from '../log.js' */

/** @param {Log} log */
export function openLogPanel(log) {
  const list = h('ol', { class: 'log-list' });
  const box = h('div', { class: 'log-box', tabindex: 0, role: 'log', 'aria-label': t('log.list'), 'aria-live': 'off' }, list);
  const outcome = h('span', { class: 'note', role: 'status' });
  const copy = button('', 'button-main', () => copyAll(log, box, outcome));
  copy.append(icon('copy'), t('log.copy'));
  const content = h(
    'div',
    { class: 'sheet sheet-log' },
    iconButton('close', t('app.close'), 'sheet-close', () => dialog.close()),
    h('h2', {}, t('log.title')),
    h('p', { class: 'note' }, t('log.text')),
    box,
    h('div', { class: 'sheet-buttons' }, outcome, copy),
  );
  const dialog = openDialog(t('log.title'), content, 'dialog-wide');
  const show = follow(log, list, box);
  show();
  let due = 0;
  const stop = log.subscribe(() => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(show);
  });
  dialog.addEventListener('close', () => {
    stop();
    cancelAnimationFrame(due);
  });
}

/**
 * Shows what is new, and stays at the end where the reader is at the end.
 * @param {Log} log
 * @param {HTMLElement} list
 * @param {HTMLElement} box
 * @returns {() => void}
 */
function follow(log, list, box) {
  /** @type {Entry | undefined} */
  let last;
  return () => {
    const entries = log.entries();
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    const from = last ? entries.indexOf(last) + 1 : 0;
    if (from === 0) list.replaceChildren();
    for (const entry of entries.slice(from)) list.append(h('li', { class: entry.bad ? 'log-bad' : null }, line(entry)));
    last = entries.at(-1);
    if (atEnd) box.scrollTop = box.scrollHeight;
  };
}

/**
 * @param {Log} log
 * @param {HTMLElement} box
 * @param {HTMLElement} outcome
 */
async function copyAll(log, box, outcome) {
  const text = `${navigator.userAgent}\n${location.origin} ${new Date().toISOString()}\n${log.text()}\n`;
  try {
    await navigator.clipboard.writeText(text);
    setText(outcome, t('log.copied'));
  } catch {
    getSelection()?.selectAllChildren(box);
    setText(outcome, t('log.copy_failed'));
  }
}
