/** One participant on the screen: the picture where there is one, otherwise avatar and name. */

import { t } from '../i18n/index.js';
import { seatWords } from '../state/words.js';
import { avatar } from './avatar.js';
import { attribute, h, icon, setText } from './dom.js';

/** @import { Tile } from '../state/tiles.js' */
/** @import { View } from './dom.js' */

/**
 * @param {Tile} tile
 * @param {(mid: string) => MediaStream | null} streamOf
 * @returns {View<Tile>}
 */
export function tileView({ person, shows }, streamOf) {
  const label = t(shows === 'screen' ? 'call.screen_of' : 'call.picture_of', { name: person.name });
  const video = h('video', { class: 'tile-video', autoplay: true, playsinline: true, 'aria-label': label });
  video.muted = true;
  const mark = h('span', { class: 'tile-muted', role: 'img', 'aria-label': t('call.muted'), title: t('call.muted') }, icon('mic-off'));
  const state = h('span', { class: 'tile-state' });
  const who = h('span', { class: 'tile-who' }, person.name);
  const name = h('p', { class: 'tile-name' }, mark, h('span', { class: 'tile-words', 'aria-hidden': 'true' }, t('call.muted')), who, state);
  const element = h('div', { class: 'tile', 'data-shows': shows }, h('div', { class: 'tile-face' }, avatar(person, 'large')), video, name);

  fitOnChange(element, video, shows);
  return {
    element,
    update: (tile) => {
      const stream = tile.mid === null ? null : streamOf(tile.mid);
      if (video.srcObject !== stream) {
        element.classList.remove('has-picture');
        video.srcObject = stream;
        // A refusal to play is the end of the stream, or a policy that spares muted video.
        if (stream) video.play().catch(() => {});
      }
      attribute(element, 'data-video', stream !== null);
      mark.hidden = !tile.muted;
      const words = tile.state ? seatWords(tile.state, tile.ringingOn) : null;
      attribute(element, 'data-seat', tile.state ?? 'active');
      setText(state, words ? t(words.key, words.values) : '');
    },
  };
}

/**
 * Fills the tile where picture and tile have the same orientation; shows the whole picture where filling would cut most
 * of it away. Until there is a picture, the avatar stays.
 * @param {HTMLElement} tile
 * @param {HTMLVideoElement} video
 * @param {Tile['shows']} shows
 */
function fitOnChange(tile, video, shows) {
  const fit = () => {
    const { videoWidth, videoHeight } = video;
    if (videoWidth === 0) return;
    tile.classList.add('has-picture');
    const sameWay = videoWidth > videoHeight === tile.clientWidth > tile.clientHeight;
    tile.classList.toggle('whole-picture', shows === 'screen' || !sameWay);
  };
  for (const event of ['loadeddata', 'resize']) video.addEventListener(event, fit);
  new ResizeObserver(fit).observe(tile);
}
