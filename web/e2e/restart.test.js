/** The server is started anew under a running call: it goes on without a ring, and stays one call. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { countRings } from './support/rings.js';
import { useStage } from './support/stage.js';

const stage = useStage({ anna: {}, boris: {} });

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
  test(`a call goes on after the server ended by ${signal} and came back`, async () => {
    const { anna, boris } = stage.people;
    await anna.calls(boris, 'Video');
    await boris.button('Accept').click();
    for (const { page } of [anna, boris]) await untilSeeing(page);
    const rings = await Promise.all([anna, boris].map(({ page }) => countRings(page)));
    await stage.server.restart(signal);
    for (const [person, other] of /** @type {const} */ ([[anna, boris], [boris, anna]])) {
      await untilSeeing(person.page);
      await untilHearing(person.page);
      await untilPictureOf(person.page, other.name);
      await person.call(other.name).waitFor();
    }
    assert.deepEqual(await Promise.all(rings.map((rung) => rung())), [0, 0]);
    await anna.endsCallWith(boris);
  });
}

test('each of them is one call in the history', async () => {
  const { anna, boris } = stage.people;
  for (const person of [anna, boris]) {
    await person.opens('Calls');
    await person.page.locator('li.past[data-outcome=talked]').nth(1).waitFor();
    await person.page.locator('li.past').nth(2).waitFor({ state: 'detached' });
  }
});
