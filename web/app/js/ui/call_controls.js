/** The buttons of a running call: microphone, camera, hang up. */

import { t } from '../i18n/index.js';
import { attribute, h, icon, setIcon } from './dom.js';

/** @import { Calls } from '../call/calls.js' */
/** @import { Call } from '../state/call.js' */
/** @import { View } from './dom.js' */

/**
 * @param {Calls} calls
 * @returns {View<Call>}
 */
export function callControls(calls) {
  const microphone = toggle((on) => calls.set('microphone', on), { on: 'mic', off: 'mic-off' }, { on: 'call.mute', off: 'call.unmute' });
  const camera = toggle(
    (on) => calls.set('camera', on),
    { on: 'video', off: 'video-off' },
    { on: 'call.camera_off', off: 'call.camera_on' },
  );
  const hangUp = h(
    'button',
    { type: 'button', class: 'round round-hang-up', 'aria-label': t('call.hang_up'), title: t('call.hang_up') },
    icon('hang-up'),
  );
  hangUp.addEventListener('click', () => calls.hangUp());
  return {
    element: h('div', { class: 'controls' }, microphone.element, camera.element, hangUp),
    update: ({ own, phase }) => {
      const ready = phase !== 'preparing';
      microphone.update({ on: own.microphone, ready });
      camera.update({ on: own.camera, ready });
    },
  };
}

/**
 * A button whose name says what pressing it does.
 * @param {(on: boolean) => void} set
 * @param {{ on: string, off: string }} icons
 * @param {{ on: import('../i18n/index.js').Key, off: import('../i18n/index.js').Key }} words
 * @returns {View<{ on: boolean, ready: boolean }>}
 */
function toggle(set, icons, words) {
  const picture = icon(icons.on);
  const element = h('button', { type: 'button', class: 'round' }, picture);
  let on = true;
  element.addEventListener('click', () => set(!on));
  return {
    element,
    update: (next) => {
      ({ on } = next);
      element.disabled = !next.ready;
      setIcon(picture, on ? icons.on : icons.off);
      attribute(element, 'data-off', !on);
      attribute(element, 'aria-label', t(on ? words.on : words.off));
      attribute(element, 'title', t(on ? words.on : words.off));
    },
  };
}
