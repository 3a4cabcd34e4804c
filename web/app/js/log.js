/**
 * What the log panel shows: the last thousand things that happened here, fit to be sent to a stranger. Numbers are
 * shortened, secrets and session descriptions are left out before an entry is stored.
 */

/** About a long call's worth of signalling, and small enough to paste into a message. */
const CAPACITY = 1000;
/** One entry is a line, not a document. */
const LONGEST = 600;

/** Values under these names never reach the log. */
const SECRET = /^(password|token|authorization|cookie|icepwd|ice_pwd|credential)$/i;
/** Values under these names are long and say where people are; their size is enough. */
const DESCRIPTION = /^(sdp|answer|candidate)$/i;

/** @typedef {'api' | 'signal' | 'call' | 'media' | 'app'} Area */
/** @typedef {{ at: number, area: Area, text: string, bad: boolean }} Entry */

export class Log {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #now;
  #capacity;

  /**
   * @param {() => number} now UTC milliseconds
   * @param {number} [capacity]
   */
  constructor(now, capacity = CAPACITY) {
    this.#now = now;
    this.#capacity = capacity;
  }

  /**
   * @param {Area} area
   * @param {string} text
   * @param {unknown} [detail]
   */
  note(area, text, detail) {
    this.#add(area, text, detail, false);
  }

  /**
   * @param {Area} area
   * @param {string} text
   * @param {unknown} [detail]
   */
  fault(area, text, detail) {
    this.#add(area, text, detail, true);
  }

  /** @returns {readonly Entry[]} oldest first */
  entries() {
    return this.#entries;
  }

  /** @returns {string} a line each, oldest first */
  text() {
    return this.#entries.map(line).join('\n');
  }

  /**
   * @param {() => void} listener
   * @returns {() => void} stops listening
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * @param {Area} area
   * @param {string} text
   * @param {unknown} detail
   * @param {boolean} bad
   */
  #add(area, text, detail, bad) {
    const whole = detail === undefined ? text : `${text} ${describe(detail)}`;
    this.#entries.push({ at: this.#now(), area, text: withoutNumbers(whole).slice(0, LONGEST), bad });
    if (this.#entries.length > this.#capacity) this.#entries.splice(0, this.#entries.length - this.#capacity);
    for (const listener of this.#listeners) listener();
  }
}

/**
 * @param {Entry} entry
 * @returns {string}
 */
export function line(entry) {
  return `${new Date(entry.at).toISOString()} ${entry.bad ? 'ERROR' : 'info '} ${entry.area.padEnd(6)} ${entry.text}`;
}

/**
 * @param {unknown} detail
 * @returns {string}
 */
export function describe(detail) {
  if (detail instanceof Error) return `${detail.name}: ${detail.message}`;
  if (typeof detail === 'string') return detail;
  return JSON.stringify(detail, (key, value) => {
    if (SECRET.test(key)) return '[secret]';
    if (DESCRIPTION.test(key) && typeof value === 'string') return `[${value.length} characters]`;
    return value;
  });
}

/**
 * Keeps the country and the last two digits, enough to tell two people apart and too little to call them.
 * @param {string} text
 * @returns {string}
 */
export function withoutNumbers(text) {
  return text.replace(/(?:\+|%2B)(\d)[\d\s()-]{5,}(\d{2})(?!\d)/gi, '+$1…$2');
}
