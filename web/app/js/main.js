/** Puts the parts together and starts the page. */

import { Account } from './account.js';
import { Api } from './api/api.js';
import { Client } from './api/client.js';
import { Talk } from './api/talk.js';
import { Book } from './book.js';
import { Calls } from './call/calls.js';
import { Relays } from './call/relays.js';
import { Conversations } from './conversations.js';
import { startLanguage } from './i18n/index.js';
import { Log } from './log.js';
import { Past } from './past.js';
import { Signal } from './signal/signal.js';
import { SseTransport } from './signal/sse.js';
import { WebSocketTransport } from './signal/websocket.js';
import { INITIAL, reduce } from './state/state.js';
import { Store } from './state/store.js';
import { mount } from './ui/app.js';
import { notificationQuestion } from './ui/attention.js';

/** @import { ServerEvent } from './protocol.js' */

const log = new Log(Date.now);
const store = new Store(INITIAL, reduce);
const client = new Client(log);
const api = new Api(client);
const talk = new Talk(client);
const signal = new Signal({
  transports: [new WebSocketTransport(new URL('/v1/ws', location.href.replace(/^http/, 'ws')).href, globalThis.WebSocket), new SseTransport('/v1')],
  log,
  onEvent: (event) => hear(event),
  onLink: (link) => store.dispatch({ type: 'link', link }),
  onForgotten: () => {
    calls.forgotten();
    store.dispatch({ type: 'device_forgotten' });
  },
  onRefused: () => account.checkLogin(),
});
const account = new Account({ api, store, signal, log });
const book = new Book({ account, api, log, store });
const past = new Past({ talk, store, log });
const conversations = new Conversations({ talk, store, log, now: Date.now });
const relays = new Relays({ ask: () => api.turnCredentials(), log, now: Date.now });
const calls = new Calls({
  store,
  signal,
  log,
  now: Date.now,
  onOwnCall: notificationQuestion(log),
  iceServers: () => relays.servers,
});
store.subscribe(({ account: login }) => {
  if (login !== 'in') relays.forget();
});

/** @param {ServerEvent} event */
function hear(event) {
  store.dispatch({ type: 'server', event, now: Date.now() });
  calls.hear(event);
  switch (event.type) {
    case 'welcome':
      account.refresh();
      relays.fetch();
      book.loadSettings();
      past.refresh();
      conversations.catchUp();
      break;
    case 'contacts_changed':
      account.refresh();
      break;
    case 'history_changed':
      past.refresh();
      break;
    case 'message':
      conversations.heard(event.message);
      break;
    case 'logged_out':
      account.thrownOut();
      break;
    default:
  }
}

addEventListener('error', ({ error, message }) => log.fault('app', 'unexpected:', error ?? message));
addEventListener('unhandledrejection', ({ reason }) => log.fault('app', 'unexpected:', reason));
addEventListener('online', () => signal.hurry());
addEventListener('pagehide', () => {
  calls.pageGoes();
  signal.pageGoes();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') signal.hurry();
});

startLanguage();
mount({ store, account, book, calls, conversations, past, log });
account.start();
