/** Where a message is written or spoken. */

import { number } from '../format.js';
import { language, t } from '../i18n/index.js';
import { h, icon, iconButton, setText } from './dom.js';
import { recorderBar } from './recorder_bar.js';

/** @import { Person } from '../protocol.js' */
/** @import { Parts } from './parts.js' */

/** The longest text the server takes, in characters. */
const LONGEST = 4000;
/** The box grows with the text up to this height; then the text scrolls. */
const TALLEST_PX = 160;

/**
 * @param {Parts} parts
 * @param {Person} person
 * @returns {{ element: HTMLElement, focus: () => void, close: () => void }}
 */
export function composer({ conversations }, person) {
  const label = t('messages.to', { name: person.name });
  const box = h('textarea', { class: 'input composer-box', rows: 1, 'aria-label': label, placeholder: t('messages.placeholder'), enterkeyhint: 'send' });
  const problem = h('p', { class: 'field-error', role: 'alert' });
  const send = h('button', { type: 'submit', class: 'icon-button icon-send', 'aria-label': t('messages.send'), title: t('messages.send') });
  const record = iconButton('mic', t('clip.record'), 'icon-record', () => {
    setText(problem, '');
    recorder.start();
  });
  const recorder = recorderBar({
    onClip: (clip) => conversations.sendClip(person.id, clip),
    onProblem: (words) => setText(problem, words),
    onState: (busy) => {
      line.hidden = busy;
      if (!busy) record.focus();
    },
  });
  const line = h('div', { class: 'composer-line' }, box, record, send);
  const form = h('form', { class: 'composer', novalidate: true }, line, recorder.element, problem);
  send.append(icon('send'));

  const fit = () => {
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, TALLEST_PX)}px`;
    const empty = box.value.trim() === '';
    send.hidden = empty;
    record.hidden = !empty;
    const over = [...box.value.trim()].length - LONGEST;
    setText(problem, over > 0 ? t('messages.too_long', { count: over, over: number(over, 0, language()), most: number(LONGEST, 0, language()) }) : '');
    send.disabled = over > 0;
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (box.value.trim() === '' || send.disabled) return;
    conversations.sendText(person.id, box.value);
    box.value = '';
    fit();
    box.focus();
  });
  box.addEventListener('input', fit);
  box.addEventListener('keydown', (event) => {
    // A key that ends the choice of a character (IME) is no wish to send.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  fit();
  return {
    element: form,
    focus: () => {
      // On a touch screen the keyboard would cover what is to be read first.
      if (matchMedia('(pointer: fine)').matches) box.focus({ preventScroll: true });
    },
    close: () => recorder.cancel(),
  };
}
