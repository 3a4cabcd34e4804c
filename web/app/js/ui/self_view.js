/** Oneself, small: one's own picture, mirrored as people know themselves, or the avatar while the camera is off. */

import { t } from '../i18n/index.js';
import { avatar } from './avatar.js';
import { attribute, h } from './dom.js';

/** @import { Person } from '../protocol.js' */
/** @import { View } from './dom.js' */

/**
 * @param {Person} me
 * @returns {View<{ shown: boolean, stream: MediaStream | null }>} without a stream the avatar is shown
 */
export function selfView(me) {
  const video = h('video', { class: 'self-video', autoplay: true, playsinline: true, 'aria-label': t('call.own_picture') });
  video.muted = true;
  const face = h('div', { class: 'self-face' }, avatar(me, 'medium'), h('span', {}, t('call.with_you')));
  const element = h('div', { class: 'self' }, video, face);
  return {
    element,
    update: ({ shown, stream }) => {
      element.hidden = !shown;
      video.hidden = stream === null;
      face.hidden = stream !== null;
      attribute(element, 'data-face', stream === null);
      if (video.srcObject === stream) return;
      video.srcObject = stream;
      if (stream) video.play().catch(() => {});
    },
  };
}
