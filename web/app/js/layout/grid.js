/** How many tiles stand side by side so that a space of any shape is wasted least. Pure. */

/** @typedef {{ width: number, height: number }} Size in CSS pixels */
/** @typedef {Size & { columns: number, rows: number }} Grid the size is that of one tile */

/** Between two tiles. */
export const GAP = 8;
/** A tile is never narrower or wider than these: beyond, cameras of any kind lose too much of their picture. */
const NARROWEST = 2 / 3;
const WIDEST = 16 / 9;
/** As many as a call has video slots, and oneself. */
const MOST = 25;
/** On a phone more than these are too small to read a face. */
const MOST_ON_A_PHONE = 8;
/** The shorter side of a stage smaller than this is a phone's. */
const PHONE = 480;
/** A tile smaller than this, in square pixels, shows nobody. */
const LEAST_AREA = 12_000;

/**
 * @param {number} count at least 1
 * @param {Size} space
 * @returns {Grid}
 */
export function fitGrid(count, space) {
  let best = grid(count, 1, space);
  for (let columns = 2; columns <= count; columns += 1) {
    const next = grid(count, columns, space);
    const gain = worth(next, space) - worth(best, space);
    if (gain > 0.5 || (gain > -0.5 && next.columns * next.rows < best.columns * best.rows)) best = next;
  }
  return best;
}

/**
 * @param {number} count at least 1
 * @param {Size} space
 * @returns {number} how many tiles a page has, so that the pages are about equally full
 */
export function pageSize(count, space) {
  const most = Math.min(space.width, space.height) < PHONE ? MOST_ON_A_PHONE : MOST;
  let fits = 1;
  for (let tiles = 2; tiles <= Math.min(count, most); tiles += 1) {
    const { width, height } = fitGrid(tiles, space);
    if (width * height >= LEAST_AREA) fits = tiles;
  }
  return Math.ceil(count / Math.ceil(count / fits));
}

/**
 * @param {number} count
 * @param {number} columns
 * @param {Size} space
 * @returns {Grid}
 */
function grid(count, columns, space) {
  const rows = Math.ceil(count / columns);
  const width = Math.max(0, (space.width - GAP * (columns - 1)) / columns);
  const height = Math.max(0, (space.height - GAP * (rows - 1)) / rows);
  return { columns, rows, width: Math.min(width, height * WIDEST), height: Math.min(height, width / NARROWEST) };
}

/**
 * The area of a tile, the less of it counted the more a picture has to be cut to fill it. Whoever holds a phone upright
 * calls people who do so too about as often as people at a desk; on a wide screen pictures are wide.
 * @param {Grid} tile
 * @param {Size} space
 */
function worth({ width, height }, space) {
  if (width === 0 || height === 0) return 0;
  const shape = width / height / (space.width > space.height ? WIDEST : 1);
  return width * height * Math.sqrt(Math.min(shape, 1 / shape));
}
