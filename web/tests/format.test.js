import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clock, duration, HUES, hue, initials, list, listParts, phone, typedPhone } from '../app/js/format.js';

test('a duration shows minutes and seconds, and hours only when there are some', () => {
  assert.equal(duration(0), '0:00');
  assert.equal(duration(61_500), '1:01');
  assert.equal(duration(3_599_999), '59:59');
  assert.equal(duration(3_600_000), '1:00:00');
  assert.equal(duration(-5), '0:00');
});

test('a known number is grouped as people write it and an unknown one is left alone', () => {
  assert.equal(phone('+79001234567'), '+7 900 123-45-67');
  assert.equal(phone('+12025550123'), '+1 202 555-0123');
  assert.equal(phone('+442071838750'), '+442071838750');
});

test('separators in a typed number do not matter', () => {
  assert.equal(typedPhone(' +7 (900) 123-45-67 '), '+79001234567');
  assert.equal(typedPhone('0044\u00a020 7183\u20118750'), '+442071838750');
});

test('initials are the first letters of the first and the last name', () => {
  assert.equal(initials('Anna'), 'A');
  assert.equal(initials('анна мария петрова'), 'АП');
  assert.equal(initials('  «Boris» the 2nd '), 'B2');
  assert.equal(initials('🦊'), '🦊');
  assert.equal(initials('   '), '?');
});

test('people made in the same moment still get different colours', () => {
  const hues = Array.from({ length: 64 }, (_, at) => hue(`01900000-0000-7000-8000-0000000000${at.toString(16).padStart(2, '0')}`));
  assert.ok(hues.every((value) => Number.isInteger(value) && value >= 0 && value < HUES));
  assert.equal(new Set(hues).size, HUES);
  assert.equal(hue('the same'), hue('the same'));
});

test('names are joined as the language joins them', () => {
  assert.equal(list(['Anna', 'Boris', 'Clara'], 'en'), 'Anna, Boris, and Clara');
  assert.equal(list(['Анна', 'Борис'], 'ru'), 'Анна и Борис');
});

test('names in pieces read as the names joined', () => {
  const names = ['Anna', 'Boris', 'Clara'];
  const parts = listParts(names, 'en');
  assert.deepEqual(parts.filter(({ type }) => type === 'element').map(({ value }) => value), names);
  assert.equal(parts.map(({ value }) => value).join(''), list(names, 'en'));
});

test('the time of day is written as the language writes it', () => {
  assert.equal(clock(new Date(2026, 0, 2, 13, 34).getTime(), 'en').replace(/\s/g, ' '), '1:34 PM');
  assert.equal(clock(new Date(2026, 0, 2, 9, 5).getTime(), 'ru'), '09:05');
});
