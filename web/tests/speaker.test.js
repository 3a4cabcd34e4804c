import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Speaker } from '../app/js/call/speaker.js';

let allowed = false;
/** @type {FakeAudio[]} */
let made = [];

class FakeAudio {
  /** @type {unknown} */
  srcObject = null;
  plays = 0;
  constructor() {
    made.push(this);
  }
  async play() {
    this.plays += 1;
    if (!allowed) throw new DOMException('a tap is wanted', 'NotAllowedError');
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
/** @param {string} name @returns {MediaStream} */
const stream = (name) => /** @type {any} */ ({ name });

beforeEach(() => {
  allowed = false;
  made = [];
  Object.assign(globalThis, { Audio: FakeAudio });
});

test('a browser that wants a tap is asked again at the tap', async () => {
  /** @type {boolean[]} */
  const told = [];
  const speaker = new Speaker((blocked) => told.push(blocked));
  speaker.play([stream('a'), stream('b')]);
  await settle();
  assert.deepEqual(told, [true]);
  allowed = true;
  speaker.retry();
  await settle();
  assert.deepEqual(told, [true, false]);
});

test('a stream is played once and let go when it is no longer heard', () => {
  const speaker = new Speaker(() => {});
  const [one, other] = [stream('a'), stream('b')];
  speaker.play([one]);
  speaker.play([one, other]);
  assert.deepEqual(made.map(({ plays }) => plays), [1, 1]);
  speaker.play([other]);
  assert.deepEqual(made.map(({ srcObject }) => srcObject), [null, other]);
});
