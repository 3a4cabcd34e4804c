/** The whole screen of a call: the pictures, what is going on in words, the buttons, and at the end the last words. */

import { Speaker } from '../call/speaker.js';
import { list, listParts } from '../format.js';
import { language, t } from '../i18n/index.js';
import { isRunning } from '../state/call.js';
import { asKnown } from '../state/people.js';
import { ownMarks, tilesOf } from '../state/tiles.js';
import { statusWords } from '../state/words.js';
import { callClock } from './call_clock.js';
import { callControls } from './call_controls.js';
import { endPanel } from './call_end.js';
import { deviceNotice } from './call_notice.js';
import { openPeople } from './call_people.js';
import { onCallKeys } from './call_keys.js';
import { attribute, button, focusOn, h, icon, iconButton, setText, uniqueId } from './dom.js';
import { heldCalls } from './held_calls.js';
import { openLogPanel } from './log_panel.js';
import { screenTaken, shareNotice } from './share_notice.js';
import { stageView } from './stage.js';
import { statsPanel } from './stats_panel.js';
import { viewButton } from './view_button.js';

/** @import { Call } from '../state/call.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/** Left and right of the tiles, in CSS pixels. */
const SIDE = 12;

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
  const stats = statsPanel(parts, (open) => attribute(statsButton, 'aria-pressed', String(open)));
  const statsButton = iconButton('stats', t('stats.open'), 'icon-on-dark', stats.toggle);
  const view = viewButton(() => stage.toggle());
  const top = h(
    'header',
    { class: 'call-top' },
    h('div', { class: 'call-title' }, heading, saying, clock.element),
    h(
      'div',
      { class: 'call-tools' },
      view.element,
      statsButton,
      iconButton('log', t('call.log'), 'icon-on-dark', () => openLogPanel(log)),
    ),
  );
  const stage = stageView(store.state.me ?? { id: first.me, name: '' }, {
    streamOf: (mid) => calls.session?.peer?.stream(mid) ?? null,
    look: (shown) => calls.look(shown),
    measure: () => measure(element, top, bottom.hidden ? ending.element : bottom),
    onMode: view.update,
  });
  const sharing = shareNotice(calls);
  const notice = deviceNotice();
  const controls = callControls(calls, () => openPeople(parts));
  const held = heldCalls(parts);
  const ending = endPanel(parts);
  const hear = button('', 'button-main hear', () => speaker.retry(), { hidden: true });
  hear.append(icon('sound'), t('call.tap_to_hear'));
  const speaker = new Speaker((blocked) => (hear.hidden = !blocked));
  const taken = screenTaken(parts);
  const bottom = h('div', { class: 'call-bottom' }, held.element, notice.element, sharing.element, hear, controls.element);
  const element = h(
    'section',
    { class: 'call', role: 'dialog', tabindex: -1 },
    stage.element,
    top,
    stats.element,
    bottom,
    ending.element,
  );
  attribute(statsButton, 'aria-pressed', 'false');
  attribute(statsButton, 'aria-keyshortcuts', 's');
  attribute(statsButton, 'title', `${t('stats.open')} (S)`);
  onCallKeys(element, { turn: stage.turn, toggleView: stage.toggle, stats });
  const sizes = new ResizeObserver(() => stage.draw());
  for (const part of [element, top, bottom, ending.element]) sizes.observe(part);

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
      attribute(element, 'data-group', tiles.length > 1);
      attribute(element, 'data-picture', running && tiles.some(({ mid }) => mid !== null));
      setText(saying, status ? t(status.key, status.values) : '');
      saying.classList.toggle('unseen', status?.key === 'call.in_call');
      notice.update(running ? call.problems : { microphone: null, camera: null });
      sharing.update(running && call.own.screen);
      controls.update(call);
      held.update(state);
      bottom.hidden = !running;
      statsButton.hidden = !running;
      if (!running) stats.close();
      clock.update(call);
      ending.update(call, state);
      taken(call);
      stage.update({
        tiles,
        own: { ...selfOf(call, calls.session?.ownPicture ?? null), marks: ownMarks(call) },
        speakers: call.speakers,
        running,
        looking: call.phase === 'active' && !call.held,
      });
      speaker.play(running && call.phase === 'active' && !call.held ? (calls.session?.peer?.heard() ?? []) : []);
    },
    focus: () => focusOn(element),
    close: () => {
      sizes.disconnect();
      stage.stop();
      stats.close();
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
 * The stage, and of it what words above and buttons below leave free.
 * @param {HTMLElement} whole
 * @param {HTMLElement} above
 * @param {HTMLElement} below
 */
function measure(whole, above, below) {
  const stage = { width: whole.clientWidth, height: whole.clientHeight };
  const top = above.offsetTop + above.offsetHeight;
  const height = Math.max(0, below.offsetTop - top);
  return { stage, room: { left: SIDE, top, width: Math.max(0, stage.width - 2 * SIDE), height } };
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
