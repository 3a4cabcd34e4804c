/** Which language this page speaks, and its words. */

import en from './en.js';
import ru from './ru.js';

/** @typedef {keyof typeof en} Key */
/** @typedef {'en' | 'ru'} Language */
/** @typedef {Record<string, string | number>} Values */

/** @type {Record<Language, Record<Key, string | Partial<Record<Intl.LDMLPluralRule, string>>>>} */
const DICTIONARIES = { en, ru };
const REMEMBERED = 'switchboard.language';

/** @type {Language} */
let current = 'en';
/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * The language of the first browser preference this page speaks, English when none is.
 * @param {readonly string[]} preferences such as `navigator.languages`
 * @param {string | null} remembered what was chosen here before
 * @returns {Language}
 */
export function choose(preferences, remembered) {
  if (isLanguage(remembered)) return remembered;
  for (const preference of preferences) {
    const [base] = preference.toLowerCase().split('-');
    if (isLanguage(base)) return base;
  }
  return 'en';
}

/** Reads what was chosen before, or asks the browser. */
export function startLanguage() {
  apply(choose(navigator.languages ?? [navigator.language], recall()));
}

/** @returns {Language} */
export function language() {
  return current;
}

/** @param {Language} next */
export function setLanguage(next) {
  try {
    localStorage.setItem(REMEMBERED, next);
  } catch {
    // Storage can be switched off; then the choice lasts as long as the page.
  }
  apply(next);
  for (const listener of listeners) listener();
}

/** @param {() => void} listener */
export function onLanguage(listener) {
  listeners.add(listener);
}

/**
 * The words under `key` in the language spoken now.
 * @param {Key} key
 * @param {Values} [values] for the `{placeholders}`; `count` chooses the plural form
 * @returns {string}
 */
export function t(key, values = {}) {
  return translate(current, key, values);
}

/**
 * @param {Language} into
 * @param {Key} key
 * @param {Values} values
 * @returns {string}
 */
export function translate(into, key, values) {
  const entry = DICTIONARIES[into][key];
  return fill(typeof entry === 'string' ? entry : plural(entry, into, Number(values.count)), values);
}

/**
 * The key of the words for a refusal, by its stable code.
 * @param {string} code
 * @returns {Key}
 */
export function errorKey(code) {
  const key = `error.${code}`;
  return isKey(key) ? key : 'error.unknown';
}

/**
 * @param {string} key
 * @returns {key is Key}
 */
export function isKey(key) {
  return Object.hasOwn(en, key);
}

/**
 * @param {Partial<Record<Intl.LDMLPluralRule, string>>} forms
 * @param {Language} into
 * @param {number} count
 */
function plural(forms, into, count) {
  return forms[new Intl.PluralRules(into).select(count)] ?? forms.other ?? '';
}

/**
 * @param {string} words
 * @param {Values} values
 */
function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {Language} next */
function apply(next) {
  current = next;
  document.documentElement.lang = next;
}

function recall() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

/**
 * @param {unknown} value
 * @returns {value is Language}
 */
function isLanguage(value) {
  return value === 'en' || value === 'ru';
}
