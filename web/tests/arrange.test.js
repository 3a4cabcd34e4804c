import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arrange } from '../app/js/layout/arrange.js';

/** @import { Box, Scene } from '../app/js/layout/arrange.js' */

const DESKTOP = { stage: { width: 1280, height: 800 }, room: { left: 12, top: 75, width: 1256, height: 629 } };
const PHONE = { stage: { width: 390, height: 844 }, room: { left: 12, top: 92, width: 366, height: 660 } };

/** @param {number} count */
const people = (count) => Array.from({ length: count }, (_, at) => `u${at}`);
/** @param {Partial<Scene>} some @returns {Scene} */
const scene = (some) => ({ keys: people(3), self: 'self', mode: 'grid', large: null, page: 0, ...DESKTOP, ...some });
/** @param {Box} one @param {Box} other */
const apart = (one, other) =>
  one.left + one.width <= other.left + 0.01 ||
  other.left + other.width <= one.left + 0.01 ||
  one.top + one.height <= other.top + 0.01 ||
  other.top + other.height <= one.top + 0.01;

test('one other person has the whole stage, and oneself the corner the style sheet gives', () => {
  const { kind, boxes, pages } = arrange(scene({ keys: ['u0'] }));
  assert.deepEqual([kind, pages], ['alone', 1]);
  assert.deepEqual([...boxes], [['u0', { left: 0, top: 0, width: 1280, height: 800 }]]);
});

test('tiles stay in their room and never lie over each other, in either view, on any page, on a phone too', () => {
  for (const space of [DESKTOP, PHONE]) {
    for (const mode of /** @type {const} */ (['grid', 'speaker'])) {
      for (let count = 2; count <= 30; count += 1) {
        const { pages } = arrange(scene({ keys: people(count), mode, ...space }));
        for (let page = 0; page < pages; page += 1) {
          const { boxes, pager } = arrange(scene({ keys: people(count), mode, page, ...space }));
          const all = [...boxes.values(), ...(pager ? [pager] : [])];
          for (const box of all) {
            const { left, top, width, height } = space.room;
            const said = `${mode} ${count}, page ${page}: ${JSON.stringify(box)}`;
            assert.ok(box.left >= left - 0.01 && box.top >= top - 0.01, said);
            assert.ok(box.left + box.width <= left + width + 0.01 && box.top + box.height <= top + height + 0.01, said);
            assert.ok(all.every((other) => other === box || apart(box, other)), said);
          }
        }
      }
    }
  }
});

test('everyone is on one page and on one only, oneself on the first', () => {
  const keys = people(30);
  const { pages } = arrange(scene({ keys }));
  const shown = Array.from({ length: pages }, (_, page) => [...arrange(scene({ keys, page })).boxes.keys()]);
  assert.ok(pages > 1);
  assert.deepEqual(shown.flat().filter((key) => key !== 'self'), keys);
  assert.deepEqual(shown.map((page) => page.includes('self')), [true, ...Array(pages - 1).fill(false)]);
});

test('in the speaker view the large one is on every page, and larger than all others together', () => {
  const keys = people(24);
  const { pages } = arrange(scene({ keys, mode: 'speaker', large: 'u7' }));
  for (let page = 0; page < pages; page += 1) {
    const { boxes } = arrange(scene({ keys, mode: 'speaker', large: 'u7', page }));
    const areas = [...boxes].map(([key, { width, height }]) => ({ key, area: width * height }));
    const others = areas.filter(({ key }) => key !== 'u7').reduce((sum, { area }) => sum + area, 0);
    assert.ok((areas.find(({ key }) => key === 'u7')?.area ?? 0) > others);
  }
});

test('a strip becomes a little thinner so that everyone is in it', () => {
  assert.equal(arrange(scene({ keys: people(5), mode: 'speaker' })).pages, 1);
  assert.equal(arrange(scene({ keys: people(3), mode: 'speaker', ...PHONE })).pages, 1);
});

test('whoever shall be large and is not there is replaced by the first', () => {
  const { boxes } = arrange(scene({ mode: 'speaker', large: 'gone' }));
  const [largest] = [...boxes].sort(([, one], [, other]) => other.width - one.width);
  assert.equal(largest?.[0], 'u0');
});

test('a page that is not there any more becomes the last one', () => {
  assert.equal(arrange(scene({ keys: people(30), page: 9 })).page, 1);
  assert.equal(arrange(scene({ page: 3 })).page, 0);
});

test('with no room at all nothing has a negative size', () => {
  for (const mode of /** @type {const} */ (['grid', 'speaker'])) {
    const { boxes } = arrange(scene({ keys: people(12), mode, stage: { width: 0, height: 0 }, room: { left: 12, top: 75, width: 0, height: 0 } }));
    for (const { width, height } of boxes.values()) assert.ok(width >= 0 && height >= 0);
  }
});
