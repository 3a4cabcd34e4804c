/** Where each tile of a call stands on the screen. Pure: sizes in, boxes out. */

import { fitGrid, GAP, pageSize } from './grid.js';

/** @import { Size } from './grid.js' */

/** In CSS pixels, from the left upper corner of the stage. @typedef {Size & { left: number, top: number }} Box */
/**
 * @typedef {object} Scene
 * @property {readonly string[]} keys the tiles in their order, without oneself
 * @property {string | null} self the key of oneself, where one is to be seen
 * @property {'grid' | 'speaker'} mode
 * @property {string | null} large who is large in the speaker view
 * @property {number} page counted from 0; one that is not there becomes the last
 * @property {Size} stage everything
 * @property {Box} room the part of it that words and buttons leave free
 */
/**
 * @typedef {object} Arrangement
 * @property {'alone' | 'grid' | 'speaker'} kind alone is one tile over the whole stage, with oneself small in a corner
 * @property {ReadonlyMap<string, Box>} boxes those that are seen
 * @property {number} page
 * @property {number} pages
 * @property {Box | null} pager where the arrows stand, where there are several pages
 */

/** The height the arrows take below several pages. */
const PAGER = 44;
/** The strip beside or below the large tile: its part of the room, and its bounds in pixels. */
const STRIP = Object.freeze({ beside: { part: 0.18, least: 150, most: 248 }, below: { part: 0.17, least: 84, most: 150 } });
/** So many a strip shows if it can. */
const FEW = 3;
const WIDE = 16 / 9;
const BELOW_SHAPE = 4 / 3;

/**
 * @param {Scene} scene
 * @returns {Arrangement}
 */
export function arrange(scene) {
  const { keys, mode, large, stage, room } = scene;
  const [first] = keys;
  if (first === undefined) return { kind: 'alone', boxes: new Map(), page: 0, pages: 1, pager: null };
  if (keys.length === 1) return { kind: 'alone', boxes: new Map([[first, { left: 0, top: 0, ...stage }]]), page: 0, pages: 1, pager: null };
  if (mode === 'grid') return inGrid(scene, room);
  return withLarge(scene, large !== null && keys.includes(large) ? large : first);
}

/**
 * @param {Scene} scene
 * @param {Box} room
 * @returns {Arrangement}
 */
function inGrid({ keys, self, page }, room) {
  const count = keys.length + (self === null ? 0 : 1);
  const whole = pageSize(count, room);
  const place = whole < count ? { ...room, height: Math.max(0, room.height - PAGER) } : room;
  const most = whole < count ? pageSize(count, place) : whole;
  const shown = pageOf(withSelf(keys, self, most), most, page);
  const boxes = rows(shown.keys, place, fitGrid(Math.min(most, count), place));
  return { kind: 'grid', boxes, ...turning(shown, room) };
}

/**
 * @param {Scene} scene
 * @param {string} large
 * @returns {Arrangement}
 */
function withLarge({ keys, self, page, room }, large) {
  const others = keys.filter((key) => key !== large);
  const count = others.length + (self === null ? 0 : 1);
  const beside = room.width > room.height;
  const { part, least, most } = beside ? STRIP.beside : STRIP.below;
  const long = beside ? room.height : room.width;
  const thickFor = (/** @type {number} */ tiles) => ((long - GAP * (tiles - 1)) / tiles) * (beside ? WIDE : 1 / BELOW_SHAPE);
  const usual = clamp((beside ? room.width : room.height) * part, least, most);
  // A little thinner where everyone fits then, or at least a few.
  const fitted = thickFor(Math.max(1, count)) >= least ? thickFor(Math.max(1, count)) : Math.max(least, thickFor(FEW));
  const thick = Math.min(usual, fitted);
  const tile = beside ? { width: thick, height: thick / WIDE } : { width: thick * BELOW_SHAPE, height: thick };
  const one = beside ? tile.height : tile.width;
  const paged = fitting(long, one) < count;
  const fits = fitting(paged && beside ? long - PAGER : long, one);
  const below = paged && !beside ? PAGER : 0;
  const height = Math.max(0, room.height - below);
  const shown = pageOf(withSelf(others, self, fits), fits, page);
  const strip = beside
    ? { left: room.left + room.width - thick, top: room.top, width: thick, height: Math.max(0, height - (paged ? PAGER : 0)) }
    : { left: room.left, top: room.top + height - thick, width: room.width, height: thick };
  const boxes = rows(shown.keys, strip, { ...tile, columns: beside ? 1 : Math.max(1, shown.keys.length) });
  const box = beside
    ? { ...room, width: Math.max(0, room.width - thick - GAP) }
    : { ...room, height: Math.max(0, height - thick - GAP) };
  const boxed = new Map([[large, box], ...boxes]);
  return { kind: 'speaker', boxes: boxed, ...turning(shown, beside ? { ...strip, height: room.height } : room) };
}

/**
 * @param {{ page: number, pages: number }} shown
 * @param {Box} space whose lower end has the arrows
 */
function turning({ page, pages }, space) {
  const pager = pages > 1 ? { ...space, top: space.top + space.height - PAGER, height: PAGER } : null;
  return { page, pages, pager };
}

/**
 * Rows in the middle of a space, the last one in the middle too where it is not full.
 * @param {readonly string[]} keys
 * @param {Box} space
 * @param {Size & { columns: number }} tile
 * @returns {Map<string, Box>}
 */
function rows(keys, space, { width, height, columns }) {
  const count = Math.ceil(keys.length / columns);
  const top = space.top + (space.height - count * height - (count - 1) * GAP) / 2;
  return new Map(
    keys.map((key, at) => {
      const row = Math.floor(at / columns);
      const inRow = Math.min(columns, keys.length - row * columns);
      const left = space.left + (space.width - inRow * width - (inRow - 1) * GAP) / 2;
      return [key, { left: left + (at % columns) * (width + GAP), top: top + row * (height + GAP), width, height }];
    }),
  );
}

/**
 * Oneself is last, and on the first page.
 * @param {readonly string[]} keys
 * @param {string | null} self
 * @param {number} most
 * @returns {string[]}
 */
function withSelf(keys, self, most) {
  if (self === null) return [...keys];
  const at = Math.min(keys.length, Math.max(0, most - 1));
  return [...keys.slice(0, at), self, ...keys.slice(at)];
}

/**
 * @param {readonly string[]} keys
 * @param {number} most
 * @param {number} wanted
 */
function pageOf(keys, most, wanted) {
  const pages = Math.max(1, Math.ceil(keys.length / most));
  const page = clamp(wanted, 0, pages - 1);
  return { keys: keys.slice(page * most, (page + 1) * most), page, pages };
}

/**
 * @param {number} long
 * @param {number} one
 * @returns {number} how many fit in a row, one at least
 */
function fitting(long, one) {
  // Rounding must not lose the last one.
  return Math.max(1, Math.floor((long + GAP) / (one + GAP) + 1e-6));
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function clamp(value, least, most) {
  return Math.max(least, Math.min(most, value));
}
