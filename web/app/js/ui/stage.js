/** The pictures of a call: where each tile stands, who is large, which page is open, and what of it the server is asked for. */

import { t } from '../i18n/index.js';
import { shownTiles } from '../layout/announce.js';
import { arrange } from '../layout/arrange.js';
import { choose, FIRST_CHOICE, largeOf, modeOf } from '../layout/choice.js';
import { canBeLarge, nextLarge, NOBODY_LARGE } from '../layout/large.js';
import { attribute, h, keyedChildren, setText } from './dom.js';
import { pager } from './pager.js';
import { selfView } from './self_view.js';
import { onSwipe } from './swipe.js';
import { tileView } from './tile.js';

/** @import { Shown } from '../call/look.js' */
/** @import { Box } from '../layout/arrange.js' */
/** @import { ChoiceAction, Mode } from '../layout/choice.js' */
/** @import { Size } from '../layout/grid.js' */
/** @import { Person } from '../protocol.js' */
/** @import { Tile } from '../state/tiles.js' */
/** @import { Own } from './self_view.js' */
/** @import { Drawn } from './tile.js' */

const SELF = 'self';

/**
 * @typedef {object} Scene
 * @property {Tile[]} tiles
 * @property {Own} own
 * @property {readonly string[]} speakers ids of users, the loudest first
 * @property {boolean} running
 * @property {boolean} looking whether pictures are to be sent to this page at all
 */
/**
 * @typedef {object} Hands
 * @property {(mid: string) => MediaStream | null} streamOf
 * @property {(shown: Shown[]) => void} look
 * @property {() => { stage: Size, room: Box }} measure
 * @property {(mode: Mode | null) => void} onMode which view is open; `null` where there is only one
 */

/**
 * @param {Person} me
 * @param {Hands} hands
 */
export function stageView(me, hands) {
  let choice = FIRST_CHOICE;
  let large = NOBODY_LARGE;
  /** @type {Scene | null} */
  let scene = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const own = selfView(me);
  const pages = pager((page) => act({ type: 'page', page }));
  const news = h('p', { class: 'unseen', role: 'status' });
  const element = h('div', { class: 'stage' }, own.element, pages.element, news);
  const pin = (/** @type {string} */ key) => act({ type: 'pinned', key });
  const showTiles = keyedChildren(element, (/** @type {Drawn} */ { tile }) => tile.key, ({ tile }) => tileView(tile, { ...hands, pin }));
  onSwipe(element, (step) => act({ type: 'page', page: choice.page + step }));

  /** @param {ChoiceAction} action */
  function act(action) {
    if (!scene || (scene.tiles.length < 2 && action.type !== 'page')) return;
    const before = choice;
    choice = choose(choice, action);
    if (choice !== before) draw(true);
  }

  /** @param {boolean} moving whether tiles go to their places, rather than stand there */
  function draw(moving = false) {
    if (!scene) return;
    const { tiles, own: self, speakers, running, looking } = scene;
    const keys = tiles.map(({ key }) => key);
    const screen = tiles.find(({ shows }) => shows === 'screen');
    choice = choose(choice, { type: 'tiles', keys, screen: screen?.key ?? null, now: performance.now() });
    setText(news, screen ? t('call.screen_shared', { name: screen.person.name }) : '');
    const speaker = nextSpeaker(tiles, speakers);
    const largeKey = largeOf(choice, speaker);
    const mode = running ? modeOf(choice) : 'grid';
    const space = hands.measure();
    const made = arrange({ keys, self: self.shown ? SELF : null, mode, large: largeKey, page: choice.page, ...space });
    choice = choose(choice, { type: 'page', page: made.page });
    attribute(element, 'data-kind', made.kind);
    attribute(element, 'data-moving', moving);
    const biggest = made.kind === 'speaker' ? (largeKey ?? keys[0] ?? null) : null;
    showTiles(tiles.map((tile) => ({ tile, large: tile.key === biggest, pinned: tile.key === choice.pinned })));
    own.update(self);
    if (made.kind === 'alone') place(own.element, null);
    else place(own.element, made.boxes.get(SELF), true);
    placeTiles(keys, made.boxes);
    pages.update(made);
    place(pages.element, made.pager);
    hands.onMode(made.kind === 'alone' || !running ? null : mode);
    if (looking) hands.look(document.hidden ? [] : shownTiles(tiles, made.boxes, { pixelRatio: devicePixelRatio, first: biggest }));
  }

  /**
   * @param {readonly string[]} keys
   * @param {ReadonlyMap<string, Box>} boxes
   */
  function placeTiles(keys, boxes) {
    const elements = element.querySelectorAll('.tile');
    keys.forEach((key, at) => {
      const tile = elements[at];
      if (tile instanceof HTMLElement) place(tile, boxes.get(key), true);
    });
  }

  /**
   * @param {readonly Tile[]} tiles
   * @param {readonly string[]} speakers
   */
  function nextSpeaker(tiles, speakers) {
    const present = canBeLarge(tiles, large.key);
    const step = nextLarge(large, present, speakers.filter((user) => present.includes(user)), performance.now());
    ({ large } = step);
    clearTimeout(timer);
    if (step.due !== null) timer = setTimeout(() => draw(true), Math.max(0, step.due - performance.now()));
    return large.key;
  }

  return {
    element,
    /** @param {Scene} next */
    update: (next) => {
      scene = next;
      draw();
    },
    draw: () => draw(),
    toggle: () => act({ type: 'toggled' }),
    /** @param {number} step */
    turn: (step) => act({ type: 'page', page: choice.page + step }),
    stop: () => clearTimeout(timer),
  };
}

/**
 * @param {HTMLElement} element
 * @param {Box | null | undefined} box
 * @param {boolean} [hide] where there is no box; otherwise the style sheet places it
 */
function place(element, box, hide = false) {
  attribute(element, 'data-placed', Boolean(box));
  attribute(element, 'data-away', hide && !box);
  const { style } = element;
  if (!box) {
    for (const name of ['translate', 'width', 'height']) style.removeProperty(name);
    return;
  }
  style.setProperty('translate', `${box.left}px ${box.top}px`);
  style.setProperty('width', `${box.width}px`);
  style.setProperty('height', `${box.height}px`);
  attribute(element, 'data-small', box.width < 180);
  attribute(element, 'data-flat', box.height < 150);
}
