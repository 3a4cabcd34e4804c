/** The last words of a call: why it is over, how long it lasted, and calling again. They stay a while or until closed. */

import { duration, list } from '../format.js';
import { errorKey, language, t } from '../i18n/index.js';
import { endingKey } from '../state/words.js';
import { button, h, icon, setIcon, setText } from './dom.js';

/** @import { Call } from '../state/call.js' */
/** @import { Parts } from './parts.js' */

/** A call that ended as calls do needs a glance; a reason needs reading. */
const GLANCE_MS = 4000;
const READING_MS = 8000;

/**
 * @param {Parts} parts
 * @returns {{ element: HTMLElement, update: (call: Call) => void, stop: () => void }}
 */
export function endPanel({ calls }) {
  const words = h('p', { class: 'end-words', role: 'alert' });
  const lasted = h('p', { class: 'end-lasted' });
  const close = button(t('app.close'), 'button-on-dark', () => calls.dismiss());
  const again = button('', 'button-accept', () => {
    if (ended) calls.place(ended.people, ended.kind);
  });
  const picture = icon('phone');
  again.append(picture, t('call.again'));
  const element = h('div', { class: 'end' }, words, lasted, h('div', { class: 'end-buttons' }, close, again));
  element.hidden = true;

  /** @type {Call | null} */
  let ended = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    const glance = ended?.ending?.reason === 'hung_up' || ended?.ending?.reason === 'cancelled';
    timer = setTimeout(() => calls.dismiss(), glance ? GLANCE_MS : READING_MS);
  };
  for (const event of ['pointermove', 'keydown', 'focusin']) {
    element.addEventListener(event, () => {
      if (ended) wait();
    });
  }

  return {
    element,
    update: (call) => {
      if (call.phase !== 'ended' || ended) return;
      ended = call;
      element.hidden = false;
      setText(words, wordsOf(call));
      lasted.hidden = call.startedAt === null;
      setText(lasted, duration(call.ending?.durationMs ?? 0));
      setIcon(picture, call.kind === 'video' ? 'video' : 'phone');
      again.hidden = call.answeredAt !== null || call.direction === 'incoming' || call.ending?.reason === 'cancelled';
      close.focus({ preventScroll: true });
      wait();
    },
    stop: () => clearTimeout(timer),
  };
}

/** @param {Call} call */
function wordsOf({ ending, people }) {
  if (ending?.code) return t(errorKey(ending.code));
  const names = list(people.map(({ name }) => name), language());
  return t(endingKey(ending?.reason ?? 'hung_up', people.length), { names });
}
