/** The page as a whole: which view is shown, what lies over it, and where the focus goes when that changes. */

import { Tones } from '../call/tones.js';
import { onLanguage, t } from '../i18n/index.js';
import { isRunning, waitingFor } from '../state/call.js';
import { authView } from './auth.js';
import { callOverlay } from './call_overlay.js';
import { h, iconButton } from './dom.js';
import { homeView, languageButton } from './home.js';
import { incomingDialogs } from './incoming.js';
import { openLogPanel } from './log_panel.js';
import { toastsView } from './toasts.js';

/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/** @param {Parts} parts */
export function mount(parts) {
  const { store } = parts;
  const page = h('div', { id: 'page' });
  const toasts = toastsView(parts);
  const incoming = incomingDialogs(parts);
  const tones = new Tones();
  document.body.replaceChildren(page, toasts.element);

  const showPage = pageSwitch(parts, page);
  const showCall = callSwitch(parts, page);
  /** @param {State} state */
  const update = (state) => {
    showPage(state);
    incoming.update(state);
    showCall(state);
    toasts.update(state);
    tones.play(toneOf(state));
    document.title = titleOf(state);
  };
  store.subscribe(update);
  onLanguage(() => {
    showPage(store.state, true);
    update(store.state);
  });
  update(store.state);
}

/**
 * @param {Parts} parts
 * @param {HTMLElement} page
 * @returns {(state: State, anew?: boolean) => void}
 */
function pageSwitch(parts, page) {
  /** @type {{ element: HTMLElement, update?: (state: State) => void, focus?: () => void } | null} */
  let view = null;
  let shown = '';
  return (state, anew = false) => {
    const next = `${state.account} ${state.me?.id ?? ''}`;
    if (next !== shown || anew) {
      const first = shown === '' || shown.startsWith('starting');
      shown = next;
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
 * @returns {{ element: HTMLElement, update?: (state: State) => void, focus?: () => void }}
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
  return ({ call }) => {
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
      overlay.update(call);
      overlay.focus();
    } else overlay.update(call);
  };
}

/**
 * @param {State} state
 * @returns {import('../call/tones.js').Tone}
 */
function toneOf({ ringing, call }) {
  if (isRunning(call)) {
    return call.direction === 'outgoing' && call.phase === 'waiting' && waitingFor(call) === 'ringing' ? 'ringback' : 'none';
  }
  return ringing.length > 0 ? 'incoming' : 'none';
}

/** @param {State} state */
function titleOf({ ringing: [incoming] }) {
  return incoming ? `${t('incoming.page_title', { name: incoming.from.name })} · ${t('app.name')}` : t('app.name');
}
