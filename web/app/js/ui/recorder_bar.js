/** The voice clip being recorded: how long it is already, sending it, throwing it away. */

import { duration } from '../format.js';
import { t } from '../i18n/index.js';
import { LONGEST_MS, Recorder } from '../voice/recorder.js';
import { button, h, icon, iconButton, setText } from './dom.js';

/** Half a second: the seconds then never seem to skip one. */
const EVERY_MS = 500;

/**
 * @param {{ onClip: (clip: Blob) => void, onState: (busy: boolean) => void, onProblem: (words: string) => void }} hands
 * @returns {{ element: HTMLElement, start: () => void, cancel: () => void }} hidden until it records
 */
export function recorderBar({ onClip, onState, onProblem }) {
  const time = h('span', { class: 'recorder-time', role: 'timer', 'aria-label': t('clip.recording_time'), 'aria-live': 'off' });
  const words = h('span', { class: 'recorder-words', role: 'status' });
  const send = button('', 'button-main button-small', () => recorder.finish(), { 'aria-label': t('clip.send') });
  send.append(icon('send'), t('messages.send'));
  const element = h(
    'div',
    { class: 'recorder', role: 'group', 'aria-label': t('clip.recorder') },
    h('span', { class: 'recorder-dot', 'aria-hidden': 'true' }),
    time,
    words,
    iconButton('trash', t('clip.cancel'), '', () => recorder.cancel()),
    send,
  );
  element.hidden = true;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  const show = () => setText(time, duration(recorder.elapsedMs));
  const recorder = new Recorder({
    mediaDevices: navigator.mediaDevices,
    now: () => performance.now(),
    onClip,
    onProblem: (problem) => onProblem(t(`clip.problem_${problem}`)),
    onState: (state) => {
      clearInterval(timer);
      element.hidden = state === 'idle';
      send.disabled = state !== 'recording';
      setText(words, t(state === 'recording' ? 'clip.recording' : 'clip.asking', { most: duration(LONGEST_MS) }));
      show();
      if (state === 'recording') {
        timer = setInterval(show, EVERY_MS);
        send.focus();
      }
      onState(state !== 'idle');
    },
  });
  return { element, start: () => recorder.start(), cancel: () => recorder.cancel() };
}
