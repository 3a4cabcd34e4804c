/** One person at two devices: both ring, one answers, and a running call moves from one to the other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { countRings } from './support/rings.js';
import { useStage } from './support/stage.js';
import { until } from './support/until.js';

/** @import { Person } from './support/person.js' */

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

/** @type {Person} */
let phone;
const stage = useStage(
  { anna: {}, boris: { userAgent: FIREFOX } },
  {
    ready: async ({ browser, server, people }) => {
      phone = await people.boris.alsoAt(browser, server.url, { userAgent: IPHONE });
    },
  },
);

test('a call rings on both devices, and the one that did not answer is told where it was answered', async () => {
  const { anna, boris: laptop } = stage.people;
  await anna.calls(laptop, 'Video');
  await phone.button('Accept').waitFor();
  await anna.sees('Rings on 2 devices…');
  const told = phone.sees('Answered on Firefox, Linux.');
  await laptop.button('Accept').click();
  await told;
  await phone.button('Accept').waitFor({ state: 'detached' });
  await untilSeeing(anna.page);
  await untilSeeing(laptop.page);
});

test('the running call moves to the other device, and nobody rings', async () => {
  const { anna, boris: laptop } = stage.people;
  const rings = await Promise.all([anna, laptop, phone].map(({ page }) => countRings(page)));
  await phone.sees('You are in a call with Anna on Firefox, Linux');
  await phone.button('Move here').click();
  await laptop.sees('The call goes on on Safari, iOS.');
  await untilSeeing(phone.page);
  await untilHearing(phone.page);
  await untilPictureOf(phone.page, 'Anna');
  await laptop.closes();
  assert.deepEqual(await Promise.all(rings.map((rung) => rung())), [0, 0, 0]);
});

test('the other side sees no gap in the seat, and the picture goes on', async () => {
  const { anna } = stage.people;
  await anna.call('Boris').waitFor();
  await anna.page.locator('.tile[data-seat=active]').first().waitFor();
  await untilSeeing(anna.page);
  await untilHearing(anna.page);
  await untilPictureOf(anna.page, 'Boris');
  await phone.endsCallWith(anna);
});

test('a call declined on one device stops ringing on the other, which is told where', async () => {
  const { anna, boris: laptop } = stage.people;
  await anna.calls(laptop, 'Audio');
  await phone.button('Decline').waitFor();
  const told = laptop.sees('Declined on Safari, iOS.');
  await phone.button('Decline').click();
  await told;
  await laptop.button('Accept').waitFor({ state: 'detached' });
  await anna.sees('Boris declined the call');
  await anna.closes();
});

test('of two devices that accept in the same moment one has the call', async () => {
  const { anna, boris: laptop } = stage.people;
  await anna.calls(laptop, 'Video');
  await phone.button('Accept').waitFor();
  await Promise.all([laptop, phone].map((device) => device.button('Accept').evaluate((button) => /** @type {HTMLElement} */ (button).click())));
  const inCall = () => Promise.all([laptop, phone].map((device) => device.call('Anna').isVisible()));
  const [atLaptop] = await until('one device is in the call, the other is not', inCall, ([one, other]) => one !== other);
  const device = atLaptop ? laptop : phone;
  await untilSeeing(device.page);
  await untilSeeing(anna.page);
  await device.endsCallWith(anna);
});
