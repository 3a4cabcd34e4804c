/** One's own picture, small and mirrored, as people know themselves. */

import { t } from '../i18n/index.js';
import { h } from './dom.js';

/** @import { View } from './dom.js' */

/** @returns {View<{ on: boolean, stream: MediaStream | null }>} */
export function selfView() {
  const video = h('video', { class: 'self-video', autoplay: true, playsinline: true, 'aria-label': t('call.own_picture') });
  video.muted = true;
  const element = h('div', { class: 'self' }, video);
  return {
    element,
    update: ({ on, stream }) => {
      const shown = on ? stream : null;
      element.hidden = shown === null;
      if (video.srcObject === shown) return;
      video.srcObject = shown;
      if (shown) video.play().catch(() => {});
    },
  };
}
