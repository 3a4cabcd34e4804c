/** Two people press call at the same moment: they are in one call, whoever was first. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { untilHearing, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';

/** @import { Person } from './support/person.js' */

const stage = useStage({ anna: {}, boris: {} });
/** Time for both pages to be told when to press. */
const HEAD_START_MS = 500;

/**
 * Presses a button at a time of the clock, so that two pages do it together.
 * @param {Person} person
 * @param {string} name
 * @param {number} at UTC milliseconds
 */
async function presses(person, name, at) {
  await person.button(name).evaluate((button, when) => {
    setTimeout(() => /** @type {HTMLElement} */ (button).click(), when - Date.now());
  }, at);
}

/** Anna presses first, both together, Boris first: milliseconds from her to him. */
for (const [words, apart] of /** @type {const} */ ([['Anna a little earlier', 15], ['both together', 0], ['Boris a little earlier', -15]])) {
  test(`both call each other, ${words}, and talk`, async () => {
    const { anna, boris } = stage.people;
    const at = Date.now() + HEAD_START_MS;
    await presses(anna, 'Video call to Boris', at);
    await presses(boris, 'Video call to Anna', at + apart);
    await anna.call('Boris').waitFor();
    await boris.call('Anna').waitFor();
    for (const { page } of [anna, boris]) {
      await untilSeeing(page);
      await untilHearing(page);
    }
    await anna.endsCallWith(boris);
  });
}

test('each of them was one call', async () => {
  const { anna, boris } = stage.people;
  for (const person of [anna, boris]) {
    await person.opens('Calls');
    await person.page.locator('li.past').nth(2).waitFor();
    assert.deepEqual(await person.page.locator('li.past').evaluateAll((rows) => rows.map((row) => row.dataset['outcome'])), Array(3).fill('talked'));
  }
});
