/** Four pages of Chromium and one of Firefox in a call: everyone sees and hears everyone, each in the size that they draw. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP } from './support/browser.js';
import { FirefoxPerson, startFirefox } from './support/firefox.js';
import { untilHearing } from './support/media.js';
import { cameraOf, seenAll, sentLayers, takenLayers, untilSendingLayers } from './support/pictures.js';
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
/** For one who draws somebody larger than the others do. */
const LARGE = Object.freeze({ viewport: DESKTOP });

/** @type {Awaited<ReturnType<typeof startFirefox>> | undefined} */
let firefox;
/** @type {FirefoxPerson} */
let emma;
const stage = useStage(
  { anna: LARGE, boris: SMALL, clara: SMALL, dmitri: SMALL },
  {
    fps: 10,
    // From which on Chromium sends all three layers.
    size: '960x540',
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
  for (const { name, page } of all) {
    const taken = await takenLayers(page, 'camera');
    assert.deepEqual(taken, ['q', 'h', 'f'], `of ${name} the server takes ${taken}`);
  }
  const pictures = (await look()).flat();
  const sizes = pictures.map(({ height }) => height);
  const frozen = pictures.reduce((sum, { freezes }) => sum + freezes, 0);
  context.diagnostic(`${pictures.length} pictures, ${Math.min(...sizes)} to ${Math.max(...sizes)} lines high, frozen ${frozen} times`);
});

test('who is drawn large by one and small by the others sends both sizes at once', async (context) => {
  const { anna, boris, clara, dmitri } = stage.people;
  // One after the other: the path to a page on a busy machine carries one large picture sooner than four.
  for (const { name, page } of [boris, clara, dmitri]) {
    await anna.button(`Pin ${name}`).focus();
    await anna.page.keyboard.press('Enter');
    const layers = await untilSendingLayers(page, 2, WITHIN_MS);
    context.diagnostic(`${name} sends ${layers.map(({ rid, height }) => `${rid} ${height}`).join(' and ')}`);
  }
  context.diagnostic(`Emma has sent ${JSON.stringify(await sentLayers(emma.page, 'camera'))}`);
});
