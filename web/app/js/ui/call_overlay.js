/** The whole screen of a call: the others large, oneself small, what is going on in words, and at the end the last words. */

import { Speaker } from '../call/speaker.js';
import { list } from '../format.js';
import { language, t } from '../i18n/index.js';
import { isRunning } from '../state/call.js';
import { tilesOf } from '../state/tiles.js';
import { statusKey } from '../state/words.js';
import { callClock } from './call_clock.js';
import { callControls } from './call_controls.js';
import { endPanel } from './call_end.js';
import { deviceNotice } from './call_notice.js';
import { attribute, button, focusOn, h, icon, iconButton, keyedChildren, setText, uniqueId } from './dom.js';
import { openLogPanel } from './log_panel.js';
import { selfView } from './self_view.js';
import { tileView } from './tile.js';

/** @import { Call } from '../state/call.js' */
/** @import { Tile } from '../state/tiles.js' */
/** @import { Parts } from './parts.js' */

/**
 * @param {Parts} parts
 * @param {Call} first
 * @returns {{ element: HTMLElement, update: (call: Call) => void, close: () => void, focus: () => void }}
 */
export function callOverlay(parts, first) {
  const { calls, log, store } = parts;
  const names = list(first.people.map(({ name }) => name), language());
  const heading = h('h2', { id: uniqueId('call'), class: 'call-names' }, names);
  const status = h('p', { class: 'call-status', role: 'status' });
  const clock = callClock();
  const top = h(
    'header',
    { class: 'call-top' },
    h('div', { class: 'call-title' }, heading, status, clock.element),
    iconButton('log', t('call.log'), 'icon-on-dark', () => openLogPanel(log)),
  );
  const stage = h('div', { class: 'stage' });
  const own = selfView(store.state.me ?? { id: first.me, name: '' });
  const notice = deviceNotice();
  const controls = callControls(calls);
  const ending = endPanel(parts);
  const hear = button('', 'button-main hear', () => speaker.retry(), { hidden: true });
  hear.append(icon('sound'), t('call.tap_to_hear'));
  const speaker = new Speaker((blocked) => (hear.hidden = !blocked));
  const showTiles = keyedChildren(stage, (/** @type {Tile} */ { key }) => key, (tile) =>
    tileView(tile, (mid) => calls.session?.peer?.stream(mid) ?? null),
  );
  const bottom = h('div', { class: 'call-bottom' }, own.element, notice.element, hear, controls.element);
  const element = h(
    'section',
    { class: 'call', role: 'dialog', 'aria-modal': 'true', 'aria-label': t('call.label', { names }), tabindex: -1 },
    stage,
    top,
    bottom,
    ending.element,
  );

  return {
    element,
    update: (call) => {
      const running = isRunning(call);
      const tiles = tilesOf(call);
      attribute(element, 'data-phase', call.phase);
      attribute(stage, 'data-count', Math.min(tiles.length, 9));
      attribute(element, 'data-picture', running && tiles.some(({ mid }) => mid !== null));
      setText(status, running ? t(statusKey(call)) : '');
      attribute(status, 'data-quiet', running && statusKey(call) === 'call.in_call');
      showTiles(tiles);
      own.update(selfOf(call, calls.session?.ownPicture ?? null));
      notice.update(running ? call.problems : { microphone: null, camera: null });
      controls.update(call);
      bottom.hidden = !running;
      clock.update(call);
      ending.update(call);
      speaker.play(running && call.phase === 'active' ? (calls.session?.peer?.heard() ?? []) : []);
    },
    focus: () => focusOn(element),
    close: () => {
      clock.stop();
      ending.stop();
      speaker.play([]);
      element.remove();
    },
  };
}

/**
 * Until the devices were asked for there is nothing to say about the camera, and so nothing to show.
 * @param {Call} call
 * @param {MediaStream | null} picture
 */
function selfOf({ phase, own }, picture) {
  const stream = own.camera ? picture : null;
  return { shown: phase === 'waiting' || phase === 'active' || (phase !== 'ended' && stream !== null), stream };
}
