import assert from 'node:assert/strict';
import { test } from 'node:test';

import { samePage } from '../app/js/state/page.js';
import { INITIAL, reduce } from '../app/js/state/state.js';

/** @import { ServerEvent } from '../app/js/protocol.js' */
/** @import { Action, State } from '../app/js/state/state.js' */

const BORIS = { id: 'b', name: 'Boris' };
/** @param {State} state @param {...Action} actions */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @param {ServerEvent} event @returns {Action} */
const told = (event) => ({ type: 'server', event, now: 0 });
const HOME = after(INITIAL, { type: 'logged_in', me: { ...BORIS, id: 'a', phone: '+79001234567' } });
const PLACED = after(HOME, { type: 'call_started', key: 1, id: null, direction: 'outgoing', kind: 'video', me: 'a', people: [BORIS] });
const IN_CALL = after(PLACED, { type: 'call_offered', key: 1 }, { type: 'call_joined', key: 1, id: 'x', seats: [], now: 0 });

test('what is told of a call changes nothing of the page beneath it', () => {
  /** @type {Action[]} */
  const actions = [
    told({ type: 'seat', call: 'x', seat: { person: BORIS, state: 'active', media: { microphone: true, camera: true, screen: false } } }),
    told({ type: 'slot', call: 'x', mid: '4', source: { user: 'b', track: 'camera' } }),
    told({ type: 'speakers', call: 'x', users: ['b'] }),
    told({ type: 'incoming_call', call: 'y', kind: 'audio', from: BORIS, others: [], rings_for_ms: 45_000 }),
    { type: 'toast', key: 'call.not_invited' },
  ];
  for (const action of actions) {
    const next = after(IN_CALL, action);
    assert.notEqual(next, IN_CALL);
    assert.ok(samePage(IN_CALL, next), JSON.stringify(action));
  }
});

test('everything else does, and so does a call that comes, gets its name, or goes', () => {
  /** @type {Action[]} */
  const actions = [
    { type: 'link', link: 'online' },
    { type: 'go', place: { tab: 'calls', conversation: null } },
    { type: 'people', people: { contacts: [], incoming: [], outgoing: [] } },
    { type: 'history', action: { type: 'history_loading' } },
    told({ type: 'presence', user: 'b', online: true }),
    told({ type: 'my_calls', calls: [{ call: 'z', kind: 'video', caller: BORIS, people: [BORIS], state: 'active', here: false }] }),
    told({ type: 'call_ended', call: 'x', reason: 'hung_up', duration_ms: 1 }),
  ];
  for (const action of actions) assert.ok(!samePage(IN_CALL, after(IN_CALL, action)), JSON.stringify(action));
  assert.ok(!samePage(HOME, PLACED));
  assert.ok(!samePage(PLACED, IN_CALL));
  const over = after(IN_CALL, told({ type: 'call_ended', call: 'x', reason: 'hung_up', duration_ms: 1 }));
  assert.ok(!samePage(over, after(over, { type: 'call_dismissed', key: 1 })));
});
