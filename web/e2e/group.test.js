/** Three people in one call: everyone sees everyone, and one who leaves ends it for nobody else. */

import { after, before, test } from 'node:test';

import { DESKTOP, keepPicture, PHONE, startBrowser } from './support/browser.js';
import { untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let chromium;
/** @type {Person} */
let anna;
/** @type {Person} */
let boris;
/** @type {Person} */
let clara;

before(async () => {
  server = await startServer();
  chromium = await startBrowser();
  anna = await Person.registers(chromium.browser, server.url, 'Anna', { viewport: DESKTOP });
  boris = await Person.registers(chromium.browser, server.url, 'Boris', { viewport: PHONE });
  clara = await Person.registers(chromium.browser, server.url, 'Clara', { viewport: PHONE });
  await anna.befriends(boris);
  await anna.befriends(clara);
});

after(async () => {
  await chromium?.close();
  await server?.stop();
});

test('a call to two people rings at both and names who else is called', async () => {
  await anna.button('Group call').click();
  await anna.page.getByRole('checkbox', { name: 'Call Boris too' }).check();
  await anna.page.getByRole('checkbox', { name: 'Call Clara too' }).check();
  await anna.button('Video call to those chosen').click();
  await boris.sees('with Clara');
  await clara.sees('with Boris');
});

test('everyone sees and hears everyone', async () => {
  await boris.button('Accept').click();
  await clara.button('Accept').click();
  const all = [anna, boris, clara];
  for (const person of all) {
    await untilSeeing(person.page);
    await untilHearing(person.page);
    for (const other of all) if (other !== person) await untilPictureOf(person.page, other.name);
  }
  await keepPicture(anna.page, 'group-desktop');
  await keepPicture(clara.page, 'group-phone');
});

test('one who leaves is gone and the others go on', async () => {
  await boris.button('Hang up').click();
  await anna.page.getByLabel('Picture of Boris').waitFor({ state: 'detached' });
  await clara.page.getByLabel('Picture of Boris').waitFor({ state: 'detached' });
  await untilSeeing(anna.page);
  await untilSeeing(clara.page);
});

test('the call ends when one of the last two hangs up', async () => {
  await anna.endsCallWith(clara);
});
