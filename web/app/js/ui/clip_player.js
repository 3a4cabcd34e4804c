/** Plays a voice clip: a button, how far it is, how long it lasts. One clip plays at a time. */

import { clipUrl } from '../api/talk.js';
import { duration } from '../format.js';
import { t } from '../i18n/index.js';
import { attribute, h, icon, setIcon, setText } from './dom.js';

/** The one that is heard. @type {HTMLAudioElement | null} */
let playing = null;

/**
 * @param {{ clip: string, duration_ms: number }} clip
 * @returns {HTMLElement}
 */
export function clipPlayer({ clip, duration_ms: lasts }) {
  const picture = icon('play');
  const toggle = h('button', { type: 'button', class: 'icon-button clip-play' }, picture);
  const slider = h('input', { type: 'range', class: 'clip-slider', min: 0, max: Math.max(1, lasts), step: 100, value: 0, 'aria-label': t('clip.position') });
  const time = h('span', { class: 'clip-time' }, duration(lasts));
  const failed = h('span', { class: 'field-error', role: 'alert' });
  const element = h('div', { class: 'clip', role: 'group', 'aria-label': t('clip.label', { duration: duration(lasts) }) }, toggle, slider, time, failed);
  /** @type {HTMLAudioElement | null} */
  let audio = null;

  const update = () => {
    const on = audio !== null && !audio.paused && !audio.ended;
    const at = audio && !audio.ended ? audio.currentTime * 1000 : 0;
    setIcon(picture, on ? 'pause' : 'play');
    attribute(toggle, 'aria-label', t(on ? 'clip.pause' : 'clip.play'));
    attribute(toggle, 'title', t(on ? 'clip.pause' : 'clip.play'));
    attribute(element, 'data-playing', on);
    slider.value = String(at);
    attribute(slider, 'aria-valuetext', duration(at));
    setText(time, on || at > 0 ? `${duration(at)} / ${duration(lasts)}` : duration(lasts));
  };
  // A clip is fetched when somebody wants to hear it.
  const open = () => {
    if (audio) return audio;
    audio = new Audio(clipUrl(clip));
    for (const event of ['play', 'pause', 'ended', 'timeupdate', 'seeked']) audio.addEventListener(event, update);
    audio.addEventListener('error', () => setText(failed, t('clip.failed')));
    return audio;
  };
  toggle.addEventListener('click', () => {
    const sound = open();
    if (!sound.paused) {
      sound.pause();
      return;
    }
    if (playing && playing !== sound) playing.pause();
    playing = sound;
    setText(failed, '');
    sound.play().catch(() => setText(failed, t('clip.failed')));
  });
  slider.addEventListener('input', () => {
    open().currentTime = Number(slider.value) / 1000;
  });
  update();
  return element;
}
