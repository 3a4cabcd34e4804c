/** The whole screen of a call: the others large, oneself small, what is going on in words, and at the end the last words. */

import { Speaker } from '../call/speaker.js';
import { list, listParts } from '../format.js';
import { language, t } from '../i18n/index.js';
import { isRunning } from '../state/call.js';
import { asKnown } from '../state/people.js';
import { tilesOf } from '../state/tiles.js';
import { statusWords } from '../state/words.js';
import { callClock } from './call_clock.js';
import { callControls } from './call_controls.js';
import { endPanel } from './call_end.js';
import { deviceNotice } from './call_notice.js';
import { openPeople } from './call_people.js';
import { attribute, button, focusOn, h, icon, iconButton, keyedChildren, setText, uniqueId } from './dom.js';
import { heldCalls } from './held_calls.js';
import { openLogPanel } from './log_panel.js';
import { selfView } from './self_view.js';
import { tileView } from './tile.js';

/** @import { Call } from '../state/call.js' */
/** @import { State } from '../state/state.js' */
/** @import { Tile } from '../state/tiles.js' */
/** @import { Parts } from './parts.js' */

/**
 * @param {Parts} parts
 * @param {Call} first
 * @returns {{ element: HTMLElement, update: (call: Call, state: State) => void, close: () => void, focus: () => void }}
 */
export function callOverlay(parts, first) {
  const { calls, log, store } = parts;
  const heading = h('h2', { id: uniqueId('call'), class: 'call-names' });
  const saying = h('p', { class: 'call-status', role: 'status' });
  const clock = callClock();
  const top = h(
    'header',
    { class: 'call-top' },
    h('div', { class: 'call-title' }, heading, saying, clock.element),
    iconButton('log', t('call.log'), 'icon-on-dark', () => openLogPanel(log)),
  );
  const stage = h('div', { class: 'stage' });
  const own = selfView(store.state.me ?? { id: first.me, name: '' });
  const notice = deviceNotice();
  const controls = callControls(calls, () => openPeople(parts));
  const held = heldCalls(parts);
  const ending = endPanel(parts);
  const hear = button('', 'button-main hear', () => speaker.retry(), { hidden: true });
  hear.append(icon('sound'), t('call.tap_to_hear'));
  const speaker = new Speaker((blocked) => (hear.hidden = !blocked));
  const showTiles = keyedChildren(stage, (/** @type {Tile} */ { key }) => key, (tile) =>
    tileView(tile, (mid) => calls.session?.peer?.stream(mid) ?? null),
  );
  const bottom = h('div', { class: 'call-bottom' }, own.element, held.element, notice.element, hear, controls.element);
  const element = h(
    'section',
    { class: 'call', role: 'dialog', tabindex: -1 },
    stage,
    top,
    bottom,
    ending.element,
  );

  return {
    element,
    update: (call, state) => {
      const running = isRunning(call);
      const tiles = tilesOf(call).map((tile) => ({ ...tile, person: asKnown(state, tile.person) }));
      const names = list(call.people.map((person) => asKnown(state, person).name), language());
      const status = running ? statusWords(call, state.link) : null;
      showNames(heading, names, call.people.map((person) => asKnown(state, person).name));
      attribute(element, 'aria-label', t('call.label', { names }));
      attribute(element, 'data-held', call.held);
      attribute(element, 'data-phase', call.phase);
      attribute(stage, 'data-count', Math.min(tiles.length, 9));
      attribute(element, 'data-picture', running && tiles.some(({ mid }) => mid !== null));
      setText(saying, status ? t(status.key, status.values) : '');
      attribute(saying, 'data-quiet', status?.key === 'call.in_call');
      showTiles(tiles);
      own.update(selfOf(call, calls.session?.ownPicture ?? null));
      notice.update(running ? call.problems : { microphone: null, camera: null });
      controls.update(call);
      held.update(state);
      bottom.hidden = !running;
      clock.update(call);
      ending.update(call, state);
      speaker.play(running && call.phase === 'active' && !call.held ? (calls.session?.peer?.heard() ?? []) : []);
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
 * Each name apart, so that a long one is cut without the others going with it.
 * @param {HTMLElement} heading
 * @param {string} words all of them joined
 * @param {string[]} names
 */
function showNames(heading, words, names) {
  if (heading.textContent === words) return;
  attribute(heading, 'title', words);
  heading.replaceChildren(...listParts(names, language()).map(({ type, value }) => (type === 'element' ? h('span', { class: 'call-name' }, value) : value)));
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
