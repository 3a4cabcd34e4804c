/** What every file of tests needs: the real server, a browser, and people in it who know each other. */

import { after, before } from 'node:test';

import { startBrowser } from './browser.js';
import { Person } from './person.js';
import { startServer } from './server.js';

/** @import { Browser } from 'playwright-core' */
/** @import { BrowserOptions, PageOptions } from './browser.js' */
/** @import { Server } from './server.js' */

/**
 * @template {string} Name
 * @typedef {{ server: Server, browser: Browser, people: Record<Name, Person>, enters: (name: string, options?: PageOptions) => Promise<Person> }} Stage
 */

/**
 * Has everybody in a call with pictures, as far as that is theirs to do.
 * @param {Person} caller
 * @param {readonly Person[]} others contacts of the caller
 */
export async function meet(caller, others) {
  await caller.callsTogether(others);
  for (const other of others) await other.button('Accept').click();
}

/**
 * Sets the stage before the tests of a file and clears it after them; until then its parts are not to be touched.
 * @template {string} Name
 * @param {Record<Name, PageOptions>} cast who takes part: `anna` has the name Anna
 * @param {BrowserOptions & { befriended?: boolean, flags?: string[], ready?: (stage: Stage<Name>) => Promise<void>, done?: () => Promise<void> }} [how] whether the first of the cast is a contact of each
 *   of the others, flags of the server, and what else is done before the first test and after the last
 * @returns {Stage<Name>}
 */
export function useStage(cast, { befriended = true, flags = [], ready, done, ...options } = {}) {
  const stage = /** @type {Stage<Name>} */ ({ people: {} });
  /** @type {Awaited<ReturnType<typeof startBrowser>>} */
  let chromium;
  before(async () => {
    stage.server = await startServer(flags);
    chromium = await startBrowser(options);
    stage.browser = chromium.browser;
    stage.enters = (name, options) => Person.registers(stage.browser, stage.server.url, name, options);
    for (const name of /** @type {Name[]} */ (Object.keys(cast))) {
      stage.people[name] = await stage.enters(name.charAt(0).toUpperCase() + name.slice(1), cast[name]);
    }
    const [first, ...others] = /** @type {Person[]} */ (Object.values(stage.people));
    for (const other of befriended ? others : []) await first?.befriends(other);
    await ready?.(stage);
  });
  after(async () => {
    await done?.();
    await chromium?.close();
    await stage.server?.stop();
  });
  return stage;
}
