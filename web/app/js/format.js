/** How things are written for people: durations, numbers, names. Pure. */

/** How many avatar colours `style/avatar.css` has. */
export const HUES = 8;

/**
 * @param {number} ms
 * @returns {string} `m:ss`, or `h:mm:ss` from an hour up
 */
export function duration(ms) {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(whole % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

/**
 * Groups the digits of an E.164 number where the grouping is known, and leaves it alone where not.
 * @param {string} number
 * @returns {string}
 */
export function phone(number) {
  const russian = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(number);
  if (russian) return `+7 ${russian[1]} ${russian[2]}-${russian[3]}-${russian[4]}`;
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  if (american) return `+1 ${american[1]} ${american[2]}-${american[3]}`;
  return number;
}

/**
 * What a person types as a number, without its separators; `00` becomes `+`.
 * @param {string} typed
 * @returns {string}
 */
export function typedPhone(typed) {
  return typed.replace(/[\s()\-.\u2010-\u2015\u00a0]/g, '').replace(/^00/, '+');
}

/**
 * @param {string} name
 * @returns {string} at most two capitals
 */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  const letters = picked.map((word) => firstLetter(word ?? '')).join('');
  return letters.toLocaleUpperCase() || '?';
}

/**
 * The same person has the same colour on every device.
 * @param {string} id
 * @returns {number} 0 to HUES - 1
 */
export function hue(id) {
  // FNV-1a over the whole id: ids of one day share their beginning.
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  }
  return ((hash ^ (hash >>> 16)) >>> 0) % HUES;
}

/**
 * @param {string[]} names
 * @param {string} language
 * @returns {string} `A, B and C`
 */
export function list(names, language) {
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(names);
}

/**
 * @param {string[]} names
 * @param {string} language
 * @returns {{ type: 'element' | 'literal', value: string }[]} the same in pieces: the names and what stands between them
 */
export function listParts(names, language) {
  return new Intl.ListFormat(language, { type: 'conjunction' }).formatToParts(names);
}

/**
 * @param {number} ms UTC
 * @param {string} language
 * @returns {string} the time of day
 */
export function clock(ms, language) {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(ms);
}

/**
 * @param {number} ms UTC
 * @param {number} now UTC
 * @param {string} language
 * @returns {string} a day in words: today and yesterday as such, the year where it is another one
 */
export function day(ms, now, language) {
  const ago = daysBetween(ms, now);
  if (ago === 0 || ago === 1) return capital(new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-ago, 'day'));
  /** @type {Intl.DateTimeFormatOptions} */
  const parts = { day: 'numeric', month: 'long' };
  if (new Date(ms).getFullYear() !== new Date(now).getFullYear()) parts.year = 'numeric';
  return new Intl.DateTimeFormat(language, parts).format(ms);
}

/**
 * @param {number} ms UTC
 * @param {number} now UTC
 * @param {string} language
 * @returns {string} as short as tells one moment from another: the time today, the day before
 */
export function moment(ms, now, language) {
  if (daysBetween(ms, now) === 0) return clock(ms, language);
  /** @type {Intl.DateTimeFormatOptions} */
  const parts = { day: 'numeric', month: 'short' };
  if (new Date(ms).getFullYear() !== new Date(now).getFullYear()) parts.year = 'numeric';
  return new Intl.DateTimeFormat(language, parts).format(ms);
}

/**
 * @param {number} value
 * @param {number} digits at most so many after the point
 * @param {string} language
 * @returns {string}
 */
export function number(value, digits, language) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** Whole calendar days. @param {number} ms @param {number} now */
function daysBetween(ms, now) {
  const [from, to] = [ms, now].map((at) => {
    const date = new Date(at);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  });
  return Math.round(((to ?? 0) - (from ?? 0)) / 86_400_000);
}

/** @param {string} words */
function capital(words) {
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** @param {string} word */
function firstLetter(word) {
  for (const character of word) {
    if (/[\p{L}\p{N}]/u.test(character)) return character;
  }
  return Array.from(word)[0] ?? '';
}
