/** The smallest phone and the longest words: everything is on the screen and says whom it is about. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepPicture } from './support/browser.js';
import { untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';

const SMALL = Object.freeze({ width: 360, height: 640 });

const stage = useStage({});

test('on a small phone in Russian nothing is too wide, an invitation says whose it is, and a call can be hung up', async () => {
  const anna = await stage.enters('Anna', { viewport: SMALL, isMobile: true, hasTouch: true });
  const boris = await stage.enters('Boris');
  const clara = await stage.enters('Clara');
  const dmitri = await stage.enters('Dmitri');
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
