import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fitGrid, GAP, pageSize } from '../app/js/layout/grid.js';

/** What a call leaves free of some windows. */
const PHONE = { width: 366, height: 640 };
const PHONE_ON_ITS_SIDE = { width: 820, height: 270 };
const DESKTOP = { width: 1256, height: 629 };
const WIDE = { width: 2500, height: 800 };

/** @type {[string, { width: number, height: number }, [number, number, number][]][]} tiles, columns, rows */
const TABLE = [
  ['a phone', PHONE, [[1, 1, 1], [2, 1, 2], [3, 1, 3], [4, 2, 2], [5, 2, 3], [6, 2, 3], [8, 2, 4]]],
  ['a phone on its side', PHONE_ON_ITS_SIDE, [[1, 1, 1], [2, 2, 1], [3, 3, 1], [4, 4, 1], [5, 3, 2], [6, 3, 2], [8, 4, 2]]],
  ['a desktop', DESKTOP, [[1, 1, 1], [2, 2, 1], [3, 2, 2], [4, 2, 2], [5, 3, 2], [6, 3, 2], [9, 3, 3], [16, 4, 4], [25, 5, 5]]],
  ['a wide screen', WIDE, [[2, 2, 1], [3, 3, 1], [4, 4, 1], [8, 4, 2], [10, 5, 2]]],
];

for (const [name, space, rows] of TABLE) {
  test(`tiles stand as on ${name} they should`, () => {
    const made = rows.map(([count]) => fitGrid(count, space)).map(({ columns, rows: lines }, at) => [rows[at]?.[0], columns, lines]);
    assert.deepEqual(made, rows);
  });
}

test('a grid of any number fits its space whatever its shape, and no tile is too narrow or too wide', () => {
  for (const width of [200, 366, 820, 1256, 3000]) {
    for (const height of [150, 270, 640, 1100]) {
      for (let count = 1; count <= 25; count += 1) {
        const { columns, rows, width: wide, height: high } = fitGrid(count, { width, height });
        const said = `${count} in ${width}x${height}`;
        assert.ok(columns * rows >= count, said);
        assert.ok(columns * wide + (columns - 1) * GAP <= width + 0.01, said);
        assert.ok(rows * high + (rows - 1) * GAP <= height + 0.01, said);
        assert.ok(wide / high > 0.66 && wide / high < 1.78, `${said}: ${wide}x${high}`);
      }
    }
  }
});

test('twenty-five stand on one page of a desktop, eight on one of a phone', () => {
  assert.deepEqual([1, 9, 25].map((count) => pageSize(count, DESKTOP)), [1, 9, 25]);
  assert.deepEqual([1, 6, 8].map((count) => pageSize(count, PHONE)), [1, 6, 8]);
  assert.equal(pageSize(8, PHONE_ON_ITS_SIDE), 8);
});

test('pages are about equally full', () => {
  assert.equal(pageSize(26, DESKTOP), 13);
  assert.equal(pageSize(9, PHONE), 5);
  assert.equal(pageSize(25, PHONE), 7);
});

test('a window too small for a face still shows one tile a page', () => {
  assert.equal(pageSize(5, { width: 90, height: 90 }), 1);
  assert.equal(pageSize(5, { width: 0, height: 0 }), 1);
});
