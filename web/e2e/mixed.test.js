/** Four pages of Chromium and one of Firefox in a call: everyone sees and hears everyone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP } from './support/browser.js';
import { FirefoxPerson, startFirefox } from './support/firefox.js';
import { untilHearing } from './support/media.js';
import { cameraOf, seenAll, sentLayers, takenLayers } from './support/pictures.js';
import { useStage } from './support/stage.js';
import { until } from './support/until.js';

/** On a machine that is busy with itself all encoders and decoders have to come to speed first. */
const WITHIN_MS = 60_000;
/** More than a keyframe now and then. */
const FRAMES = 10;
/** The figures of five connections are worth a look now and then, not all the time. */
const LOOK_EVERY_MS = 500;
/** Small, because five cameras and twenty pictures share two cores. */
const SMALL = Object.freeze({ viewport: Object.freeze({ width: 480, height: 360 }) });
/** Large enough for one who is shown more of everybody than the others are, so that there is more than one layer to send. */
const LARGE = Object.freeze({ viewport: DESKTOP });

/** @type {Awaited<ReturnType<typeof startFirefox>> | undefined} */
let firefox;
/** @type {FirefoxPerson} */
let emma;
const stage = useStage(
  { anna: LARGE, boris: SMALL, clara: SMALL, dmitri: SMALL },
  {
    fps: 10,
    easy: true,
    ready: async ({ people: { anna }, server }) => {
      firefox = await startFirefox();
      emma = await FirefoxPerson.registers(firefox.browser, server.url, { name: 'Emma', phone: '+79005559999' });
      await anna.page.getByLabel('Their phone number').fill(emma.phone);
      await anna.button('Find').click();
      await anna.button('Invite').click();
      await emma.clicks('Accept the invitation of Anna');
      await anna.button('Video call to Emma').waitFor();
    },
    done: async () => firefox?.close(),
  },
);

test('everyone decodes everyone else', async (context) => {
  const { anna, boris, clara, dmitri } = stage.people;
  await anna.callsTogether([boris, clara, dmitri, emma]);
  for (const person of [boris, clara, dmitri]) await person.button('Accept').click();
  await emma.clicks('Accept');
  const all = [anna, boris, clara, dmitri, emma];
  const others = all.map((one) => all.filter((other) => other !== one));
  const look = () => Promise.all(all.map(({ page }, at) => seenAll(page, (others[at] ?? []).map(({ name }) => cameraOf(name)))));
  const missing = async () => {
    const pictures = await look();
    return all.flatMap((one, at) =>
      (others[at] ?? []).flatMap((other, place) => {
        const frames = pictures[at]?.[place]?.frames ?? 0;
        return frames < FRAMES ? `${other.name} at ${one.name}: ${frames}` : [];
      }),
    );
  };
  const begin = Date.now();
  await until('everyone sees everyone', missing, ({ length }) => length === 0, WITHIN_MS, LOOK_EVERY_MS);
  context.diagnostic(`everyone saw everyone after ${Date.now() - begin} ms`);
  await Promise.all(all.map(({ page }) => untilHearing(page)));
  for (const { name, page } of [emma, boris]) {
    const taken = await takenLayers(page, 'camera');
    assert.deepEqual(taken, ['q', 'h', 'f'], `of ${name} the server takes ${taken}`);
    // How many of them are wanted is a matter of what the machine, and so each path, can carry.
    context.diagnostic(`${name} sends ${JSON.stringify(await sentLayers(page, 'camera'))}`);
  }
  const pictures = (await look()).flat();
  const sizes = pictures.map(({ height }) => height);
  const frozen = pictures.reduce((sum, { freezes }) => sum + freezes, 0);
  context.diagnostic(`${pictures.length} pictures, ${Math.min(...sizes)} to ${Math.max(...sizes)} lines high, frozen ${frozen} times`);
});
