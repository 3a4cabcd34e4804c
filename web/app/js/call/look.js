/** Which slot shows what this page draws. Pure. */

/** @import { SlotSource, ViewTile } from '../protocol.js' */
/** @import { Slots } from '../state/call.js' */

/**
 * A picture the page draws; `height` is in device pixels.
 * @typedef {{ user: string, track: 'camera' | 'screen', height: number, pinned: boolean }} Shown
 */
/** The slots of a media connection for each kind of picture, by mid. @typedef {Record<Shown['track'], readonly string[]>} Mids */

/** No picture is drawn higher; the protocol's heights end not far above. */
const HIGHEST = 4320;

/**
 * Whoever was asked for in a slot stays in it, then whoever is in one already; the others get those that are left, the
 * first shown before the last.
 * @param {readonly Shown[]} shown
 * @param {Mids} mids
 * @param {Slots} bound who is in which slot
 * @param {readonly ViewTile[]} before what was asked for last
 * @returns {ViewTile[]} every slot; those that show nothing have no height
 */
export function viewOf(shown, mids, bound, before) {
  return [...tilesOf('camera', shown, mids, bound, before), ...tilesOf('screen', shown, mids, bound, before)];
}

/**
 * @param {readonly ViewTile[]} before
 * @param {readonly ViewTile[]} after
 * @returns {boolean} whether somebody is to be seen who was not
 */
export function showsMore(before, after) {
  const seen = new Set(before.filter(({ height }) => height > 0).map(({ mid, user }) => `${mid} ${user}`));
  return after.some(({ mid, user, height }) => height > 0 && !seen.has(`${mid} ${user}`));
}

/**
 * @param {Shown['track']} track
 * @param {readonly Shown[]} all
 * @param {Mids} mids
 * @param {Slots} bound
 * @param {readonly ViewTile[]} before
 * @returns {ViewTile[]}
 */
function tilesOf(track, all, { [track]: mids }, bound, before) {
  const asked = new Map(before.map(({ mid, user }) => [mid, user]));
  const shown = all.filter((candidate) => candidate.track === track && candidate.height > 0);
  /** @type {Map<string, Shown>} */
  const placed = new Map();
  /** @param {(mid: string, user: string) => boolean} fits */
  const place = (fits) => {
    for (const one of shown) {
      if ([...placed.values()].includes(one)) continue;
      const mid = mids.find((candidate) => !placed.has(candidate) && fits(candidate, one.user));
      if (mid !== undefined) placed.set(mid, one);
    }
  };
  place((mid, user) => asked.get(mid) === user);
  place((mid, user) => isIn(bound[mid], user, track));
  // An empty slot before one that would have to be taken from somebody.
  place((mid) => !bound[mid]);
  place(() => true);
  return mids.map((mid) => tile(mid, placed.get(mid)));
}

/**
 * @param {SlotSource | undefined} source
 * @param {string} user
 * @param {Shown['track']} track
 */
function isIn(source, user, track) {
  return source?.user === user && source.track === track;
}

/**
 * @param {string} mid
 * @param {Shown | undefined} shown
 * @returns {ViewTile}
 */
function tile(mid, shown) {
  if (!shown) return { mid, height: 0 };
  const height = Math.min(Math.max(Math.round(shown.height), 1), HIGHEST);
  return { mid, height, user: shown.user, ...(shown.pinned ? { pinned: true } : {}) };
}
