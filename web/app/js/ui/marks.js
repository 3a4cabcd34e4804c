/** The small marks at a name: microphone off, and a connection that is not good. */

import { t } from '../i18n/index.js';
import { attribute, h, icon, setIcon } from './dom.js';

/** @import { Tile } from '../state/tiles.js' */
/** @import { View } from './dom.js' */

/** @returns {View<Pick<Tile, 'muted'>>} */
export function mutedMark() {
  const element = h('span', { class: 'mark mark-muted', role: 'img', 'aria-label': t('call.muted'), title: t('call.muted') }, icon('mic-off'));
  element.hidden = true;
  return { element, update: ({ muted }) => (element.hidden = !muted) };
}

/** @returns {View<Pick<Tile, 'quality'>>} */
export function qualityMark() {
  const picture = icon('signal-fair');
  const element = h('span', { class: 'mark', role: 'img' }, picture);
  element.hidden = true;
  return {
    element,
    update: ({ quality }) => {
      element.hidden = quality === null;
      if (quality === null) return;
      const words = t(`call.quality_${quality}`);
      setIcon(picture, `signal-${quality}`);
      attribute(element, 'data-quality', quality);
      attribute(element, 'aria-label', words);
      attribute(element, 'title', words);
    },
  };
}
