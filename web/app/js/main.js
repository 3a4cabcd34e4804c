/** Puts the parts together and starts the page. */

import { Account } from './account.js';
import { Api } from './api.js';
import { Calls } from './call/calls.js';
import { startLanguage } from './i18n/index.js';
import { Log } from './log.js';
import { Signal } from './signal.js';
import { INITIAL, reduce } from './state/state.js';
import { Store } from './state/store.js';
import { mount } from './ui/app.js';

/** @import { ServerEvent } from './protocol.js' */

const log = new Log(Date.now);
const store = new Store(INITIAL, reduce);
const api = new Api(log);
const signal = new Signal({
  url: new URL('/v1/ws', location.href.replace(/^http/, 'ws')).href,
  log,
  onEvent: (event) => hear(event),
  onLink: (link) => store.dispatch({ type: 'link', link }),
  onRefused: () => account.checkLogin(),
});
const account = new Account({ api, store, signal, log });
const calls = new Calls({ store, signal, log, now: Date.now });

/** @param {ServerEvent} event */
function hear(event) {
  store.dispatch({ type: 'server', event, now: Date.now() });
  if (event.type === 'welcome' || event.type === 'contacts_changed') account.refresh();
  if (event.type === 'logged_out') account.thrownOut();
}

addEventListener('error', ({ error, message }) => log.fault('app', 'unexpected:', error ?? message));
addEventListener('unhandledrejection', ({ reason }) => log.fault('app', 'unexpected:', reason));
addEventListener('online', () => signal.hurry());
addEventListener('pagehide', () => calls.pageGoes());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') signal.hurry();
});

startLanguage();
mount({ store, account, calls, log });
account.start();
