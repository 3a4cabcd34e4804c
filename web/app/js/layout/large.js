/**
 * Who is large in the speaker view: whoever speaks, changing calmly. A cough changes nothing, two who talk at once do not
 * chase each other away. Pure; times in milliseconds.
 */

/** @import { Tile } from '../state/tiles.js' */

/**
 * @typedef {object} Large
 * @property {string | null} key
 * @property {number} since when it became large
 * @property {string | null} next who may be large soon
 * @property {number} nextSince since when without a break
 */

/** So long somebody else has to speak while the large one is silent. */
const SPEAKS_MS = 1000;
/** So long somebody else has to be the loudest while the large one speaks too. */
const LOUDEST_MS = 4000;
/** Whoever has become large stays so for this long. */
const STAYS_MS = 3000;

/** @type {Readonly<Large>} */
export const NOBODY_LARGE = Object.freeze({ key: null, since: 0, next: null, nextSince: 0 });

/**
 * Who can be large: whoever is there, and while nobody is, everybody. Who has just lost the connection keeps their place.
 * @param {readonly Tile[]} tiles
 * @param {string | null} large
 * @returns {string[]} keys
 */
export function canBeLarge(tiles, large) {
  const people = tiles.filter(({ shows }) => shows === 'person');
  const there = people.filter(({ key, there: present, state }) => present || (key === large && state === 'reconnecting'));
  return (there.some(({ there: present }) => present) ? there : people).map(({ key }) => key);
}

/**
 * @param {Large} before
 * @param {readonly string[]} present who can be large, in the order of their tiles
 * @param {readonly string[]} speaking of them, the loudest first
 * @param {number} now
 * @returns {{ large: Large, due: number | null }} `due` is when to ask again if nothing changes till then
 */
export function nextLarge(before, present, speaking, now) {
  const [loudest = null] = speaking;
  if (before.key === null || !present.includes(before.key)) {
    return { large: { key: loudest ?? present[0] ?? null, since: now, next: null, nextSince: 0 }, due: null };
  }
  if (loudest === null || loudest === before.key) return { large: { ...before, next: null }, due: null };
  const nextSince = before.next === loudest ? before.nextSince : now;
  const speaks = nextSince + (speaking.includes(before.key) ? LOUDEST_MS : SPEAKS_MS);
  const due = Math.max(speaks, before.since + STAYS_MS);
  if (now >= due) return { large: { key: loudest, since: now, next: null, nextSince: 0 }, due: null };
  return { large: { ...before, next: loudest, nextSince }, due };
}
