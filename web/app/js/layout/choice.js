/**
 * How somebody wants to see a call: in a grid or with one person large, who is pinned, and which page. A shared screen
 * is large by itself, until the person asks for the grid. Pure.
 */

/** @typedef {'grid' | 'speaker'} Mode */
/**
 * @typedef {object} Choice
 * @property {Mode} mode without a pin and without a screen
 * @property {string | null} pinned the key of a tile
 * @property {number} page
 * @property {string | null} screen the key of the screen that is shared
 * @property {boolean} screenSmall whether that screen shall not be large
 * @property {Gone | null} gone the screen that was shared last
 */
/**
 * How a screen was looked at when it went. Where its sharer's connection is made anew, it comes back in a moment and nobody
 * should have to arrange it again.
 * @typedef {Pick<Choice, 'pinned' | 'page' | 'screenSmall'> & { screen: string, at: number }} Gone `at` in ms
 */
/**
 * @typedef {{ type: 'tiles', keys: readonly string[], screen: string | null, now: number }
 *   | { type: 'toggled' }
 *   | { type: 'pinned', key: string }
 *   | { type: 'page', page: number }} ChoiceAction
 */

/** @type {Readonly<Choice>} */
export const FIRST_CHOICE = Object.freeze({ mode: 'grid', pinned: null, page: 0, screen: null, screenSmall: false, gone: null });

/** A seat waits for its lost device so long, and a connection is made anew within it, ms. */
const BACK_WITHIN_MS = 20_000;

/**
 * @param {Choice} choice
 * @param {ChoiceAction} action
 * @returns {Choice}
 */
export function choose(choice, action) {
  switch (action.type) {
    case 'tiles':
      return withTiles(choice, action);
    case 'toggled': {
      const mode = modeOf(choice) === 'grid' ? 'speaker' : 'grid';
      return { ...choice, mode, pinned: null, page: 0, screenSmall: mode === 'grid', gone: null };
    }
    case 'pinned':
      return { ...choice, pinned: choice.pinned === action.key ? null : action.key, page: 0, gone: null };
    case 'page':
      return action.page === choice.page ? choice : { ...choice, page: Math.max(0, action.page) };
    default:
      return choice;
  }
}

/**
 * @param {Choice} choice
 * @returns {Mode} what is to be shown
 */
export function modeOf({ mode, pinned, screen, screenSmall }) {
  return pinned !== null || (screen !== null && !screenSmall) ? 'speaker' : mode;
}

/**
 * @param {Choice} choice
 * @param {string | null} speaker who is large for speaking
 * @returns {string | null} who is large
 */
export function largeOf({ pinned, screen, screenSmall }, speaker) {
  if (pinned !== null) return pinned;
  return screen !== null && !screenSmall ? screen : speaker;
}

/**
 * @param {Choice} choice
 * @param {Extract<ChoiceAction, { type: 'tiles' }>} action
 * @returns {Choice}
 */
function withTiles(choice, { keys, screen, now }) {
  const pinned = choice.pinned !== null && keys.includes(choice.pinned) ? choice.pinned : null;
  if (screen === choice.screen) return pinned === choice.pinned ? choice : onItsPage(choice, { ...choice, pinned });
  const { page, screenSmall } = choice;
  const gone = choice.screen === null ? choice.gone : { screen: choice.screen, at: now, page, screenSmall, pinned: choice.pinned };
  const known = gone?.screen === screen && now - gone.at <= BACK_WITHIN_MS ? gone : null;
  if (!known) return onItsPage(choice, { ...choice, pinned, screen, screenSmall: false, gone });
  const back = { ...choice, pinned: pinned ?? still(known.pinned, keys), screen, screenSmall: known.screenSmall, gone };
  return modeOf(back) === modeOf(choice) ? back : { ...back, page: known.page };
}

/**
 * @param {Choice} before
 * @param {Choice} after
 * @returns {Choice} another view begins with its first page
 */
function onItsPage(before, after) {
  return modeOf(before) === modeOf(after) ? after : { ...after, page: 0 };
}

/**
 * @param {string | null} key
 * @param {readonly string[]} keys
 */
function still(key, keys) {
  return key !== null && keys.includes(key) ? key : null;
}
