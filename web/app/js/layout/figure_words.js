/** The figures of a call as the cells of tables, in words of the language spoken. Pure but for the language. */

import { number } from '../format.js';
import { language, t } from '../i18n/index.js';

/** @import { Figures } from '../call/figures.js' */
/** @import { Key } from '../i18n/index.js' */
/** @import { Tile } from '../state/tiles.js' */

/** @typedef {{ key: string, name: string, cells: string[] }} Row */
/** @typedef {{ label: string, value: string }} Line */
/** @typedef {Figures['tiles'][string]} TileFigures */

/** What stands where a figure is not known. */
const UNKNOWN = '–';
const BITS_IN_MBIT = 1_000_000;

/**
 * @param {Figures['total']} total
 * @returns {Line[]}
 */
export function totalLines({ estimate_bps: estimate, rtt_ms: rtt, loss, down_bps: down, up_bps: up }) {
  return [
    { label: t('stats.estimate'), value: rate(estimate) },
    { label: t('stats.rtt'), value: rtt === null ? UNKNOWN : t('stats.ms', { value: number(rtt, 0, language()) }) },
    { label: t('stats.loss'), value: percent(loss) },
    { label: t('stats.down'), value: rate(down) },
    { label: t('stats.up'), value: rate(up) },
  ];
}

/**
 * @param {readonly Tile[]} tiles
 * @param {Figures['tiles']} figures by mid
 * @returns {Row[]} those that have a slot
 */
export function tileRows(tiles, figures) {
  return tiles.flatMap((tile) => {
    const got = tile.mid === null ? undefined : figures[tile.mid];
    if (!got) return [];
    const name = tile.shows === 'screen' ? t('call.screen_of', { name: tile.person.name }) : tile.person.name;
    const missing = whyMissing(tile, got);
    return [{ key: tile.key, name, cells: missing === null ? cellsOf(got) : [t(missing), '', '', '', ''] }];
  });
}

/**
 * A picture on another page is not sent; a shared page that nobody scrolls has no frames either, but it has a layer.
 * @param {Tile} tile
 * @param {TileFigures} figures
 * @returns {Key | null}
 */
function whyMissing({ paused }, { bitrate_bps: bitrate, rid }) {
  if (paused) return 'stats.paused';
  return bitrate === 0 && rid === null ? 'stats.not_sent' : null;
}

/**
 * @param {Figures['sent']} sent
 * @returns {Row[]} each layer that is sent, the largest first
 */
export function sentRows(sent) {
  return [...sent]
    .sort((one, other) => (other.width ?? 0) - (one.width ?? 0))
    .map(({ rid, width, height, fps, bitrate_bps: bitrate, limited }, at) => ({
      key: `${at} ${rid ?? ''}`,
      name: rid ?? t('stats.only_layer'),
      cells: [size(width, height), count(fps), rate(bitrate), limits(limited)],
    }));
}

/** @param {TileFigures} figures */
function cellsOf({ width, height, fps, bitrate_bps: bitrate, rid, temporal, loss }) {
  return [size(width, height), count(fps), rate(bitrate), layer(rid, temporal), percent(loss)];
}

/**
 * @param {string | null} rid
 * @param {number | null} temporal
 */
function layer(rid, temporal) {
  const parts = [rid, temporal === null ? null : `T${temporal}`].filter((part) => part !== null);
  return parts.length === 0 ? UNKNOWN : parts.join(' ');
}

/** @param {string | null} why */
function limits(why) {
  return why === 'cpu' || why === 'bandwidth' ? t(`stats.limited_${why}`) : UNKNOWN;
}

/**
 * @param {number | null} width
 * @param {number | null} height
 */
function size(width, height) {
  return width === null || height === null ? UNKNOWN : `${width}×${height}`;
}

/** @param {number | null} value */
function count(value) {
  return value === null ? UNKNOWN : number(value, 0, language());
}

/** @param {number | null} bps */
function rate(bps) {
  if (bps === null) return UNKNOWN;
  if (bps >= BITS_IN_MBIT) return t('stats.mbps', { value: number(bps / BITS_IN_MBIT, 1, language()) });
  return t('stats.kbps', { value: number(bps / 1000, 0, language()) });
}

/** @param {number | null} part 0 to 1 */
function percent(part) {
  return part === null ? UNKNOWN : t('stats.percent', { value: number(part * 100, 1, language()) });
}
