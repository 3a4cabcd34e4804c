import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { Log } from '../app/js/log.js';
import { notificationQuestion } from '../app/js/ui/attention.js';
import { BORIS, incoming, newPage } from './calls_bench.js';

let questions = 0;
let permission = 'default';

beforeEach(() => {
  questions = 0;
  permission = 'default';
  const Notification = {
    get permission() {
      return permission;
    },
    requestPermission: async () => (questions += 1),
  };
  Object.assign(globalThis, { Notification });
});

afterEach(() => void Reflect.deleteProperty(globalThis, 'Notification'));

const askedBy = () => notificationQuestion(new Log(() => 0));

test('who calls or takes a call is asked about notifications within that click, and once', () => {
  const placing = newPage(askedBy());
  placing.calls.place([BORIS], 'audio');
  assert.equal(questions, 1);
  placing.calls.hangUp();
  placing.calls.dismiss();
  placing.calls.place([BORIS], 'audio');
  assert.equal(questions, 1);
  placing.calls.hangUp();
  const taking = newPage(askedBy());
  taking.calls.accept(incoming('y'));
  assert.equal(questions, 2);
  taking.calls.hangUp();
});

test('who has decided about notifications is not asked', () => {
  for (const decided of ['granted', 'denied']) {
    permission = decided;
    askedBy()();
  }
  Reflect.deleteProperty(globalThis, 'Notification');
  askedBy()();
  assert.equal(questions, 0);
});
