/** What of a call the page draws, told to the server so that nothing else is sent. Pure. */

/** @import { Shown } from '../call/look.js' */
/** @import { Tile } from '../state/tiles.js' */
/** @import { Box } from './arrange.js' */

/**
 * Those who are there without a camera are told too: the picture then needs no question when the camera goes on.
 * @param {readonly Tile[]} tiles
 * @param {ReadonlyMap<string, Box>} boxes those that are seen
 * @param {{ pixelRatio: number, first: string | null }} how `first` is the tile that goes before the others
 * @returns {Shown[]} those with a picture before those without, the larger before the smaller
 */
export function shownTiles(tiles, boxes, { pixelRatio, first }) {
  const heightOf = (/** @type {Tile} */ { key }) => Math.round((boxes.get(key)?.height ?? 0) * pixelRatio);
  return tiles
    .filter((tile) => tile.there && heightOf(tile) > 0)
    .sort((one, other) => Number(other.on) - Number(one.on) || heightOf(other) - heightOf(one))
    .map((tile) => ({
      user: tile.person.id,
      track: tile.shows === 'screen' ? 'screen' : 'camera',
      height: heightOf(tile),
      pinned: tile.key === first,
    }));
}
