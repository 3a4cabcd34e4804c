/** The page as a whole: which view is shown, what lies over it, and where the focus goes when that changes. */

import { Tones } from '../call/tones.js';
import { onLanguage, t } from '../i18n/index.js';
import { samePage } from '../state/page.js';
import { toneOf } from '../state/sounds.js';
import { Attention } from './attention.js';
import { authView } from './auth.js';
import { callOverlay } from './call_overlay.js';
import { h, iconButton } from './dom.js';
import { homeView, languageButton } from './home.js';
import { incomingViews } from './incoming.js';
import { openLogPanel } from './log_panel.js';
import { toastsView } from './toasts.js';

/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/** @typedef {{ element: HTMLElement, update?: (state: State) => void, focus?: () => void, close?: () => void }} PageView */

/** @param {Parts} parts */
export function mount(parts) {
  const { store } = parts;
  const page = h('div', { id: 'page' });
  const toasts = toastsView(parts);
  const incoming = incomingViews(parts);
  const tones = new Tones();
  const attention = new Attention();
  document.body.replaceChildren(page, toasts.element);

  const showPage = pageSwitch(parts, page);
  const showCall = callSwitch(parts, page);
  /** @param {State} state */
  const update = (state) => {
    showPage(state);
    over(state);
  };
  /** @param {State} state */
  const over = (state) => {
    showCall(state);
    incoming.update(state);
    toasts.update(state);
    tones.play(toneOf(state));
    attention.update(state);
  };
  store.subscribe(update);
  // What comes while nobody looks is read when somebody does.
  document.addEventListener('visibilitychange', () => {
    showPage(store.state, 'again');
    over(store.state);
  });
  onLanguage(() => {
    showPage(store.state, 'anew');
    over(store.state);
  });
  update(store.state);
}

/**
 * @param {Parts} parts
 * @param {HTMLElement} page
 * @returns {(state: State, how?: 'changed' | 'again' | 'anew') => void} draws what has changed, everything `again`, or in other elements, `anew`
 */
function pageSwitch(parts, page) {
  /** @type {PageView | null} */
  let view = null;
  let shown = '';
  /** @type {State | null} */
  let drawn = null;
  return (state, how = 'changed') => {
    if (how === 'changed' && drawn && samePage(drawn, state)) return;
    drawn = state;
    const anew = how === 'anew';
    const next = `${state.account} ${state.me?.id ?? ''}`;
    if (next !== shown || anew) {
      const first = shown === '' || shown.startsWith('starting');
      shown = next;
      view?.close?.();
      view = viewOf(parts, state);
      page.replaceChildren(view.element);
      if (!first && !anew) view.focus?.();
      if (anew) /** @type {HTMLElement | null} */ (page.querySelector('.language'))?.focus();
    }
    view?.update?.(state);
  };
}

/**
 * @param {Parts} parts
 * @param {State} state
 * @returns {PageView}
 */
function viewOf(parts, state) {
  if (state.account === 'in' && state.me) return homeView(parts, state.me);
  if (state.account === 'starting') return { element: h('p', { class: 'splash', role: 'status' }, t('app.loading')) };
  const auth = authView(parts, { thrownOut: state.thrownOut });
  const corner = h(
    'div',
    { class: 'corner' },
    languageButton(),
    iconButton('log', t('app.logs'), '', () => openLogPanel(parts.log)),
  );
  return { element: h('main', { id: 'main' }, auth.element, corner), focus: auth.focus };
}

/**
 * @param {Parts} parts
 * @param {HTMLElement} page
 * @returns {(state: State) => void}
 */
function callSwitch(parts, page) {
  /** @type {ReturnType<typeof callOverlay> | null} */
  let overlay = null;
  let key = 0;
  /** @type {Element | null} */
  let before = null;
  return (state) => {
    const { call } = state;
    if (overlay && call?.key !== key) {
      overlay.close();
      overlay = null;
      page.inert = call !== null;
      if (!call && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    }
    if (!call) return;
    if (!overlay) {
      if (!page.inert) before = document.activeElement;
      key = call.key;
      overlay = callOverlay(parts, call);
      document.body.append(overlay.element);
      page.inert = true;
      overlay.update(call, state);
      overlay.focus();
    } else overlay.update(call, state);
  };
}
