/** The buttons of a running call: microphone, camera, screen, holding, more people, hanging up. */

import { t } from '../i18n/index.js';
import { attribute, h, icon, setIcon } from './dom.js';

/** @import { Calls } from '../call/calls.js' */
/** @import { Key } from '../i18n/index.js' */
/** @import { Call } from '../state/call.js' */
/** @import { View } from './dom.js' */

/**
 * @param {Calls} calls
 * @param {() => void} openPeople
 * @returns {View<Call>}
 */
export function callControls(calls, openPeople) {
  const microphone = toggle((on) => calls.set('microphone', on), { on: 'mic', off: 'mic-off' }, { on: 'call.mute', off: 'call.unmute' });
  const camera = toggle(
    (on) => calls.set('camera', on),
    { on: 'video', off: 'video-off' },
    { on: 'call.camera_off', off: 'call.camera_on' },
  );
  // On is the state worth seeing here: the button is marked while the screen is shared.
  const screen = toggle(
    (on) => calls.share(!on),
    { on: 'screen', off: 'screen-stop' },
    { on: 'call.share', off: 'call.share_stop' },
  );
  screen.element.classList.add('round-screen');
  let key = 0;
  const hold = toggle((on) => (on ? calls.resume(key) : calls.hold()), { on: 'pause', off: 'play' }, { on: 'call.hold', off: 'held.resume' });
  const people = round('people', 'call.people', '', openPeople);
  const hangUp = round('hang-up', 'call.hang_up', 'round-hang-up', () => calls.hangUp());
  return {
    element: h('div', { class: 'controls' }, microphone.element, camera.element, screen.element, hold.element, people, hangUp),
    update: (call) => {
      ({ key } = call);
      const ready = call.phase !== 'preparing' && !call.held;
      microphone.update({ on: call.own.microphone, ready });
      camera.update({ on: call.own.camera, ready });
      screen.element.hidden = !calls.canShare;
      screen.update({ on: !call.own.screen, ready: ready && call.phase === 'active' });
      hold.update({ on: !call.held, ready: call.phase === 'active' });
      people.disabled = call.id === null || call.held;
    },
  };
}

/**
 * @param {string} picture
 * @param {Key} words
 * @param {string} style
 * @param {() => void} onClick
 */
function round(picture, words, style, onClick) {
  const element = h('button', { type: 'button', class: `round ${style}`, 'aria-label': t(words), title: t(words) }, icon(picture));
  element.addEventListener('click', onClick);
  return element;
}

/**
 * A button whose name says what pressing it does.
 * @param {(on: boolean) => void} set
 * @param {{ on: string, off: string }} icons
 * @param {{ on: Key, off: Key }} words
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
