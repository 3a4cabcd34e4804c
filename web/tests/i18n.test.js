import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { choose, errorKey, isKey, translate } from '../app/js/i18n/index.js';
import en from '../app/js/i18n/en.js';
import ru from '../app/js/i18n/ru.js';

/** @param {string | Record<string, string>} entry */
const forms = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry));
/** @param {string} words */
const placeholders = (words) => [...words.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('both languages have the same keys', () => {
  assert.deepEqual(Object.keys(ru).sort(), Object.keys(en).sort());
});

test('a text has the same placeholders in both languages, in every plural form', () => {
  for (const [key, entry] of Object.entries(en)) {
    const expected = placeholders(forms(entry)[0] ?? '');
    for (const words of [...forms(entry), ...forms(/** @type {any} */ (ru)[key])]) {
      assert.deepEqual(placeholders(words), expected, key);
      assert.notEqual(words.trim(), '', key);
    }
  }
});

test('every plural form a language needs is there', () => {
  for (const [language, dictionary] of /** @type {const} */ ([['en', en], ['ru', ru]])) {
    for (const [key, entry] of Object.entries(dictionary)) {
      if (typeof entry === 'string') continue;
      for (const rule of new Intl.PluralRules(language).resolvedOptions().pluralCategories) assert.ok(rule in entry, `${language} ${key} ${rule}`);
    }
  }
});

test('russian counts people as russian does', () => {
  const words = [1, 2, 5, 21].map((count) => translate('ru', 'contacts.group_count', { count }));
  assert.deepEqual(words, ['Выбран 1 человек', 'Выбрано 2 человека', 'Выбрано 5 человек', 'Выбран 21 человек']);
});

test('no text is left that nothing speaks', () => {
  const folder = new URL('../app/js/', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js') && !/i18n.(en|ru)/.test(path));
  const text = sources.map((path) => readFileSync(new URL(path, folder), 'utf8')).join('\n');
  const stems = [...text.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)?([a-z_]*)\$\{/g)].map(([, before = '', after = '']) => before + after).filter((stem) => stem.includes('.'));
  const unspoken = Object.keys(en).filter((key) => !text.includes(`'${key}'`) && !stems.some((stem) => key.startsWith(stem)));
  assert.deepEqual(unspoken, []);
});

test('the browser chooses the language and a choice made here wins', () => {
  assert.equal(choose(['ru-RU', 'en'], null), 'ru');
  assert.equal(choose(['de', 'en-GB'], null), 'en');
  assert.equal(choose(['fr'], null), 'en');
  assert.equal(choose(['ru'], 'en'), 'en');
  assert.equal(choose(['ru'], 'klingon'), 'ru');
});

test('a refusal nobody foresaw still has words', () => {
  assert.equal(errorKey('wrong_credentials'), 'error.wrong_credentials');
  assert.equal(errorKey('something_new'), 'error.unknown');
  assert.ok(isKey('error.unknown'));
});
