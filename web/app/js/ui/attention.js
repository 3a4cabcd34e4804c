/** Says that somebody calls to a person who looks elsewhere: in the title of the tab, and by a notification. */

import { t } from '../i18n/index.js';
import { unseenMissed } from '../state/history.js';
import { unreadCount } from '../state/messages.js';
import { asKnown } from '../state/people.js';

/** @import { Log } from '../log.js' */
/** @import { Incoming } from '../state/calls.js' */
/** @import { State } from '../state/state.js' */

/** Slow enough to be read. */
const BLINK_MS = 1000;

/** @returns {'granted' | 'denied' | 'default' | 'unsupported'} */
export function notificationPermission() {
  return 'Notification' in globalThis ? Notification.permission : 'unsupported';
}

/**
 * Asks whether calls may be announced by notifications, where nobody has decided yet; once in the life of the page.
 * @param {Log} log
 * @returns {() => void} to be called within a click of the person's own: browsers refuse pages that ask unasked, and so do people
 */
export function notificationQuestion(log) {
  let asked = false;
  return () => {
    if (asked || notificationPermission() !== 'default') return;
    asked = true;
    Notification.requestPermission().catch((error) => log.note('app', 'notifications:', error));
  };
}

export class Attention {
  /** @type {Notification | null} */
  #notification = null;
  /** The call that is announced. @type {string | null} */
  #call = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {State} state */
  update(state) {
    const [incoming] = state.ringing;
    if ((incoming?.call ?? null) !== this.#call) {
      this.#call = incoming?.call ?? null;
      this.#notification?.close();
      this.#notification = null;
      clearInterval(this.#timer);
      if (incoming) this.#announce(state, incoming);
    }
    if (!incoming) document.title = quietTitle(state);
  }

  /**
   * @param {State} state
   * @param {Incoming} incoming
   */
  #announce(state, incoming) {
    const { name } = asKnown(state, incoming.from);
    const words = t('incoming.page_title', { name });
    const titles = [`${words} · ${t('app.name')}`, `☎ ${t(`incoming.${incoming.kind}`)}`];
    let at = 0;
    document.title = titles[0] ?? '';
    this.#timer = setInterval(() => {
      at = (at + 1) % titles.length;
      document.title = titles[at] ?? '';
    }, BLINK_MS);
    if (document.visibilityState === 'hidden') this.#notify(words, t(`incoming.${incoming.kind}`), incoming.call);
  }

  /**
   * @param {string} title
   * @param {string} body
   * @param {string} tag
   */
  #notify(title, body, tag) {
    if (notificationPermission() !== 'granted') return;
    try {
      const notification = new Notification(title, { body, tag, icon: '/favicon.svg', requireInteraction: true });
      notification.addEventListener('click', () => {
        globalThis.focus();
        notification.close();
      });
      this.#notification = notification;
    } catch {
      // Browsers of phones have the constructor and let only service workers use it; the ring is heard there anyway.
    }
  }
}

/** @param {State} state */
function quietTitle(state) {
  const count = state.account === 'in' ? unreadCount(state.messages) + unseenMissed(state) : 0;
  return count > 0 ? `(${count}) ${t('app.name')}` : t('app.name');
}
