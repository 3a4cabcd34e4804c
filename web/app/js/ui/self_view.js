/** Oneself: one's own picture, mirrored as people know themselves, or the avatar while the camera is off. */

import { t } from '../i18n/index.js';
import { avatar } from './avatar.js';
import { attribute, h } from './dom.js';
import { mutedMark, qualityMark } from './marks.js';

/** @import { Person } from '../protocol.js' */
/** @import { OwnMarks } from '../state/tiles.js' */
/** @import { View } from './dom.js' */

/** Without a stream the avatar is shown. @typedef {{ shown: boolean, stream: MediaStream | null, marks: OwnMarks }} Own */

/**
 * @param {Person} me
 * @returns {View<Own>}
 */
export function selfView(me) {
  const video = h('video', { class: 'self-video', autoplay: true, playsinline: true, 'aria-label': t('call.own_picture') });
  video.muted = true;
  const face = h('div', { class: 'self-face' }, avatar(me, 'large'));
  const muted = mutedMark();
  const quality = qualityMark();
  const name = h('p', { class: 'tile-name' }, muted.element, quality.element, h('span', { class: 'tile-who' }, t('call.with_you')));
  const element = h('div', { class: 'self' }, video, face, name);
  return {
    element,
    update: ({ shown, stream, marks }) => {
      element.hidden = !shown;
      video.hidden = stream === null;
      face.hidden = stream !== null;
      attribute(element, 'data-face', stream === null);
      attribute(element, 'data-speaking', marks.speaking);
      muted.update(marks);
      quality.update(marks);
      if (video.srcObject === stream) return;
      video.srcObject = stream;
      if (stream) video.play().catch(() => {});
    },
  };
}
