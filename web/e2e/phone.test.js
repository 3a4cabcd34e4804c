/** The smallest phone and the longest words: everything is on the screen and says whom it is about. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { keepPicture, startBrowser } from './support/browser.js';
import { untilSeeing } from './support/media.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';

const SMALL = Object.freeze({ width: 360, height: 640 });

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let chromium;

before(async () => {
  server = await startServer();
  chromium = await startBrowser();
});

after(async () => {
  await chromium?.close();
  await server?.stop();
});

test('on a small phone in Russian nothing is too wide, an invitation says whose it is, and a call can be hung up', async () => {
  const anna = await Person.registers(chromium.browser, server.url, 'Anna', { viewport: SMALL, isMobile: true, hasTouch: true });
  const boris = await Person.registers(chromium.browser, server.url, 'Boris');
  const clara = await Person.registers(chromium.browser, server.url, 'Clara');
  const dmitri = await Person.registers(chromium.browser, server.url, 'Dmitri');
  await boris.befriends(anna);
  await clara.befriends(anna);
  await anna.button('Переключить на русский язык').click();
  await dmitri.page.getByLabel('Their phone number').fill(anna.phone);
  await dmitri.button('Find').click();
  await dmitri.button('Invite').click();

  await anna.button('Принять приглашение: Dmitri').waitFor();
  await anna.button('Групповой звонок').waitFor();
  const width = await anna.page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= SMALL.width, `the page is ${width} wide`);
  const name = await anna.words('Dmitri').boundingBox();
  assert.ok(name && name.width > 40 && name.x >= 0 && name.x + name.width <= SMALL.width, JSON.stringify(name));
  await keepPicture(anna.page, 'home-small-phone-russian');

  await anna.button('Видеозвонок: Boris').click();
  await boris.button('Accept').click();
  await untilSeeing(anna.page);
  const hangUp = await anna.button('Завершить звонок').boundingBox();
  assert.ok(hangUp && hangUp.x >= 0 && hangUp.y >= 0, JSON.stringify(hangUp));
  assert.ok(hangUp.x + hangUp.width <= SMALL.width && hangUp.y + hangUp.height <= SMALL.height, JSON.stringify(hangUp));
  await keepPicture(anna.page, 'call-small-phone-russian');
  await anna.button('Завершить звонок').click();
});
