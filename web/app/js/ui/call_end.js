/** The last words of a call: why it is over, how long it lasted, calling again, and coming back where it goes on. They stay a while or until closed. */

import { duration, list } from '../format.js';
import { errorKey, language, t } from '../i18n/index.js';
import { endingKey, goingOnWithout } from '../state/words.js';
import { button, h, icon, setIcon, setText } from './dom.js';

/** @import { MyCall } from '../protocol.js' */
/** @import { Call } from '../state/call.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/** A call that ended as calls do needs a glance; a reason needs reading. */
const GLANCE_MS = 4000;
const READING_MS = 8000;

/**
 * @param {Parts} parts
 * @returns {{ element: HTMLElement, update: (call: Call, state: State) => void, stop: () => void }}
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
  const join = button(t('mine.join'), 'button-accept', () => {
    if (goesOn) calls.join(goesOn);
  });
  const element = h('div', { class: 'end' }, words, lasted, h('div', { class: 'end-buttons' }, close, again, join));
  element.hidden = true;

  /** @type {Call | null} */
  let ended = null;
  /** @type {MyCall | null} */
  let goesOn = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    const glance = !goesOn && (ended?.ending?.reason === 'hung_up' || ended?.ending?.reason === 'cancelled');
    timer = setTimeout(() => calls.dismiss(), glance ? GLANCE_MS : READING_MS);
  };
  for (const event of ['pointermove', 'keydown', 'focusin']) {
    element.addEventListener(event, () => {
      if (ended) wait();
    });
  }

  return {
    element,
    update: (call, { mine }) => {
      if (call.phase !== 'ended') return;
      const before = goesOn;
      goesOn = goingOnWithout(call, mine);
      if (ended && Boolean(before) === Boolean(goesOn)) return;
      setText(words, wordsOf(call, goesOn !== null));
      join.hidden = goesOn === null;
      if (ended) {
        wait();
        return;
      }
      ended = call;
      element.hidden = false;
      lasted.hidden = call.startedAt === null;
      setText(lasted, duration(call.ending?.durationMs ?? 0));
      setIcon(picture, call.kind === 'video' ? 'video' : 'phone');
      again.hidden = call.answeredAt !== null || call.direction !== 'outgoing' || call.ending?.reason === 'cancelled';
      close.focus({ preventScroll: true });
      wait();
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * @param {Call} call
 * @param {boolean} goesOn among the others
 */
function wordsOf({ ending, people }, goesOn) {
  if (goesOn && ending?.reason === 'hung_up') return t('end.left');
  if (ending?.code) return t(errorKey(ending.code));
  if (ending?.reason === 'moved' && ending.device) return t('end.moved_to', { device: ending.device });
  const names = list(people.map(({ name }) => name), language());
  return t(endingKey(ending?.reason ?? 'hung_up', people.length), { names });
}
