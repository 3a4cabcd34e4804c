/** How long a call has lasted, each second. Not spoken each second: a timer is no live region. */

import { duration } from '../format.js';
import { t } from '../i18n/index.js';
import { h, setText } from './dom.js';

/** @import { Call } from '../state/call.js' */

/** Half a second: the seconds then never seem to skip one. */
const EVERY_MS = 500;

/** @returns {{ element: HTMLElement, update: (call: Call) => void, stop: () => void }} */
export function callClock() {
  const element = h('span', { class: 'call-clock', role: 'timer', 'aria-label': t('call.duration'), 'aria-live': 'off', hidden: true });
  /** @type {number | null} */
  let startedAt = null;
  const show = () => {
    if (startedAt !== null) setText(element, duration(Date.now() - startedAt));
  };
  const timer = setInterval(show, EVERY_MS);
  return {
    element,
    update: (call) => {
      startedAt = call.phase === 'ended' ? null : call.startedAt;
      element.hidden = startedAt === null;
      show();
    },
    stop: () => clearInterval(timer),
  };
}
