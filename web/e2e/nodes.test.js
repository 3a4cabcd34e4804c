/** Two nodes behind a load balancer: a call between them outlives the one that controls it, and the replacement of both. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DESKTOP, keepPicture, PHONE, startBrowser } from './support/browser.js';
import { Fleet } from './support/fleet.js';
import { connections, received, untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { Person } from './support/person.js';
import { countRings } from './support/rings.js';
import { until } from './support/until.js';

/** @import { Page } from 'playwright-core' */
/** @import { TestContext } from 'node:test' */

/** Two of them are what is left of the lease of a node that is killed. */
const BACK_WITHIN_MS = 5000;

const fleet = new Fleet();
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let chromium;
/** @type {[Person, Person]} */
let people;

before(async () => {
  await fleet.start(2);
  chromium = await startBrowser();
  const anna = await Person.registers(chromium.browser, fleet.url, 'Anna', { viewport: PHONE });
  const boris = await Person.registers(chromium.browser, fleet.url, 'Boris', { viewport: DESKTOP });
  await anna.befriends(boris);
  people = [anna, boris];
});

after(async () => {
  await chromium?.close();
  await fleet.stop();
});

/** Each of the two comes to a node of their own; who is sent where the other is comes once more. */
async function sitApart() {
  const [, boris] = people;
  let tries = 0;
  const apart = async () => {
    const counts = await until('both are connected', () => fleet.people(), (all) => all.reduce((sum, count) => sum + count, 0) === 2);
    if (counts.every((count) => count === 1)) return true;
    // A page that opens as many connections each time would come to the same node for ever.
    tries += 1;
    if (tries % 2 === 0) fleet.skip();
    await boris.page.reload();
    await boris.untilHome();
    return false;
  };
  await until('they are at different nodes', apart);
}

/** They are in a call with pictures, whose overlay, clock and rings are watched from here on. */
async function meet() {
  await sitApart();
  const [anna, boris] = people;
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  for (const { page } of people) await Promise.all([untilSeeing(page), untilHearing(page)]);
  return Promise.all(people.map(watch));
}

/** @param {Person} person */
async function watch(person) {
  const other = otherThan(person);
  const overlay = await person.call(other.name).elementHandle();
  const rung = await countRings(person.page);
  const clock = person.page.getByRole('timer', { name: 'Call duration' });
  const lasted = async () => seconds((await clock.textContent()) ?? '');
  const since = Date.now();
  const before = await lasted();
  return async () => {
    assert.ok(await overlay?.evaluate((element) => element.isConnected), `${person.name} sees the same call`);
    // A second for what the clock shows of it, and one for looking.
    assert.ok((await lasted()) >= before + (Date.now() - since) / 1000 - 2, `${person.name} sees the time go on`);
    assert.equal(await rung(), 0, `nothing rings at ${person.name}'s`);
  };
}

/** @param {string} clock as 1:02 */
function seconds(clock) {
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** @param {Person} person */
function otherThan(person) {
  const [anna, boris] = people;
  return person === anna ? boris : anna;
}

/**
 * Watches what the page says of the call at each of its frames, from here on.
 * @param {Page} page
 * @param {number} made how many media connections there are
 * @returns {Promise<() => Promise<string[]>>} what else it said between its first word of reconnecting and a new connection
 */
async function watchWords(page, made) {
  const watched = await page.evaluateHandle((before) => {
    const { peerConnections } = /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    /** @type {Set<string>} */
    const others = new Set();
    let reconnecting = false;
    const look = () => {
      const words = document.querySelector('[role=dialog] > header [role=status]')?.textContent ?? '';
      reconnecting ||= words === 'Reconnecting…';
      if (peerConnections.slice(before).some(({ iceConnectionState: ice }) => ice === 'connected' || ice === 'completed')) return;
      if (reconnecting && words !== 'Reconnecting…') others.add(words);
      requestAnimationFrame(look);
    };
    look();
    return others;
  }, made);
  return () => watched.evaluate((others) => [...others]);
}

/**
 * Something happens to whoever carries the media; both see and hear each other again by media connections made since.
 * @param {TestContext} t
 * @param {string} what
 * @param {() => Promise<void>} happens
 */
async function comeBackAfter(t, what, happens) {
  const start = performance.now();
  const back = people.map(async (person) => {
    const made = await connections(person.page);
    const said = await watchWords(person.page, made);
    const within = async (/** @type {string} */ which, /** @type {(got: { framesDecoded: number, audioEnergy: number }) => boolean} */ enough) => {
      await until(`${person.name} ${which} ${otherThan(person).name} again`, () => received(person.page, made), enough);
      return Math.round(performance.now() - start);
    };
    const [seen, heard] = await Promise.all([
      within('sees', ({ framesDecoded }) => framesDecoded >= 5),
      within('hears', ({ audioEnergy }) => audioEnergy > 1e-4),
    ]);
    assert.deepEqual(await said(), [], `${person.name} is told of the reconnecting for as long as it lasts`);
    return { seen, heard };
  });
  const told = people.map(async (person) => {
    await person.sees('Reconnecting…');
    await keepPicture(person.page, `nodes-${what}-${person.name.toLowerCase()}`);
  });
  await happens();
  const took = await Promise.all(back);
  await Promise.all(told);
  for (const person of people) await untilPictureOf(person.page, otherThan(person).name);
  for (const [index, { seen, heard }] of took.entries()) {
    t.diagnostic(`${what}: ${people[index]?.name} sees again after ${seen} ms, hears again after ${heard} ms`);
    assert.ok(Math.max(seen, heard) < BACK_WITHIN_MS, `${what}: back within ${BACK_WITHIN_MS} ms`);
  }
}

/** @param {number} count of calls that both talked in, and no other */
async function haveInTheHistory(count) {
  for (const person of people) {
    await person.opens('Calls');
    await person.page.locator('li.past[data-outcome=talked]').nth(count - 1).waitFor();
    await person.page.locator('li.past').nth(count).waitFor({ state: 'detached' });
    await person.opens('Contacts');
  }
}

test('a call goes on at another node within five seconds after the one that controls it was killed', async (t) => {
  const unchanged = await meet();
  const killed = await fleet.controller();
  await comeBackAfter(t, 'killed', () => fleet.ends(killed, 'SIGKILL'));
  for (const same of unchanged) await same();
  await people[0].endsCallWith(people[1]);
  await haveInTheHistory(1);
});

test('a call goes on while both nodes are replaced one after the other', async (t) => {
  await fleet.joins();
  const unchanged = await meet();
  const old = new Set(fleet.nodes);
  for (const turn of ['first', 'second']) {
    const node = await fleet.controller();
    assert.ok(old.delete(node), 'who controls the calls is one of those to be replaced');
    await comeBackAfter(t, `replaced-${turn}`, () => fleet.ends(node, 'SIGTERM'));
    await fleet.joins();
  }
  for (const same of unchanged) await same();
  await people[0].endsCallWith(people[1]);
  await haveInTheHistory(2);
});
