/** Changes between the grid and the speaker view. */

import { t } from '../i18n/index.js';
import { attribute, iconButton, setIcon } from './dom.js';

/** @import { Mode } from '../layout/choice.js' */
/** @import { View } from './dom.js' */

/**
 * Its name says what pressing it does.
 * @param {() => void} toggle
 * @returns {View<Mode | null>} the view that is open; `null` where there is only one
 */
export function viewButton(toggle) {
  const element = iconButton('speaker-view', t('call.speaker_view'), 'icon-on-dark', toggle);
  attribute(element, 'aria-keyshortcuts', 'v');
  const picture = element.querySelector('svg');
  return {
    element,
    update: (mode) => {
      element.hidden = mode === null;
      const words = t(mode === 'speaker' ? 'call.grid_view' : 'call.speaker_view');
      if (picture) setIcon(picture, mode === 'speaker' ? 'grid-view' : 'speaker-view');
      attribute(element, 'aria-label', words);
      attribute(element, 'title', `${words} (V)`);
    },
  };
}
