/** One participant on the screen: the picture where there is one, otherwise avatar and name, and the marks of both. */

import { t } from '../i18n/index.js';
import { seatWords } from '../state/words.js';
import { avatar } from './avatar.js';
import { attribute, h, icon, iconButton, setText } from './dom.js';
import { mutedMark, qualityMark } from './marks.js';

/** @import { Key } from '../i18n/index.js' */
/** @import { Tile } from '../state/tiles.js' */
/** @import { View } from './dom.js' */

/** A picture fills its tile as long as no more than this part is cut away: walls at the sides, heads above. */
const CUT_AT_MOST = Object.freeze({ sides: 0.68, ends: 0.45 });

/** @typedef {{ tile: Tile, large: boolean, pinned: boolean }} Drawn */

/**
 * @param {Tile} tile
 * @param {{ streamOf: (mid: string) => MediaStream | null, pin: (key: string) => void }} hands
 * @returns {View<Drawn>}
 */
export function tileView({ key, person, shows }, { streamOf, pin }) {
  const label = t(shows === 'screen' ? 'call.screen_of' : 'call.picture_of', { name: person.name });
  const video = h('video', { class: 'tile-video', autoplay: true, playsinline: true, 'aria-label': label });
  video.muted = true;
  const muted = mutedMark();
  const quality = qualityMark();
  const state = h('span', { class: 'tile-state' });
  const who = h('span', { class: 'tile-who' }, shows === 'screen' ? label : person.name);
  const words = h('span', { class: 'tile-words', 'aria-hidden': 'true' }, t('call.muted'));
  const howGood = h('span', { class: 'tile-words', 'aria-hidden': 'true' });
  const name = h('p', { class: 'tile-name' }, muted.element, words, quality.element, howGood, who, state);
  const paused = h('p', { class: 'tile-paused' }, icon('signal-poor'), h('span', {}, t('call.paused')));
  const pinButton = iconButton('pin', t(pinKey(shows, false), { name: person.name }), 'tile-pin', () => pin(key));
  const face = h('div', { class: 'tile-face' }, shows === 'screen' ? icon('screen') : avatar(person, 'large'));
  const element = h('div', { class: 'tile', 'data-shows': shows }, face, video, paused, name, pinButton);
  element.addEventListener('dblclick', (event) => {
    if (event.target instanceof Node && !pinButton.contains(event.target)) pin(key);
  });

  fitOnChange(element, video, shows);
  return {
    element,
    update: ({ tile, large, pinned }) => {
      const stream = tile.mid === null ? null : streamOf(tile.mid);
      if (video.srcObject !== stream) {
        element.classList.remove('has-picture');
        video.srcObject = stream;
        // A refusal to play is the end of the stream, or a policy that spares muted video.
        if (stream) video.play().catch(() => {});
      }
      attribute(element, 'data-video', stream !== null);
      attribute(element, 'data-speaking', tile.speaking);
      attribute(element, 'data-paused', tile.paused);
      attribute(element, 'data-large', large);
      muted.update(tile);
      words.hidden = !tile.muted;
      quality.update(tile);
      setText(howGood, tile.quality ? t(`call.quality_${tile.quality}`) : '');
      paused.hidden = !tile.paused;
      attribute(pinButton, 'aria-pressed', String(pinned));
      attribute(pinButton, 'aria-label', t(pinKey(shows, pinned), { name: person.name }));
      attribute(pinButton, 'title', t(pinned ? 'call.unpin_short' : 'call.pin_short'));
      const seat = tile.state ? seatWords(tile.state, tile.ringingOn) : null;
      attribute(element, 'data-seat', tile.state ?? 'active');
      setText(state, seat ? t(seat.key, seat.values) : '');
    },
  };
}

/**
 * @param {Tile['shows']} shows
 * @param {boolean} pinned
 * @returns {Key} what pressing the button does
 */
function pinKey(shows, pinned) {
  if (shows === 'screen') return pinned ? 'call.unpin_screen' : 'call.pin_screen';
  return pinned ? 'call.unpin' : 'call.pin';
}

/**
 * Fills the tile; shows the whole picture where filling would cut most of it away, and always of a screen. Until there is
 * a picture, the avatar stays.
 * @param {HTMLElement} tile
 * @param {HTMLVideoElement} video
 * @param {Tile['shows']} shows
 */
function fitOnChange(tile, video, shows) {
  const fit = () => {
    const { videoWidth, videoHeight } = video;
    if (videoWidth === 0) return;
    tile.classList.add('has-picture');
    tile.classList.toggle('whole-picture', shows === 'screen' || !fills(videoWidth / videoHeight, tile.clientWidth / tile.clientHeight));
  };
  for (const event of ['loadeddata', 'resize']) video.addEventListener(event, fit);
  new ResizeObserver(fit).observe(tile);
}

/**
 * @param {number} picture width by height
 * @param {number} tile width by height
 * @returns {boolean} whether enough of the picture is left when it fills the tile
 */
function fills(picture, tile) {
  return picture > tile ? 1 - tile / picture <= CUT_AT_MOST.sides : 1 - picture / tile <= CUT_AT_MOST.ends;
}
