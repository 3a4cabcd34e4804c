/** Sharing a screen: seen by everyone beside the cameras, taken over by another, stopped; with a camera and without. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepPicture, PHONE } from './support/browser.js';
import { untilHearing } from './support/media.js';
import { cameraOf, screenOf, untilMoving } from './support/pictures.js';
import { meet, useStage } from './support/stage.js';

const SHARE = 'Share your screen';
const STOP = 'Stop sharing your screen';

const stage = useStage({ anna: {}, boris: {}, clara: { viewport: PHONE } }, { fps: 10, size: '320x180', screens: true });

test('a shared screen is seen by everyone, beside the camera of who shares it', async () => {
  const { anna, boris, clara } = stage.people;
  await meet(anna, [boris, clara]);
  await untilMoving(boris.page, cameraOf('Anna'));
  await anna.button(SHARE).click();
  for (const { page } of [boris, clara]) {
    await untilMoving(page, screenOf('Anna'));
    await untilMoving(page, cameraOf('Anna'));
  }
  await keepPicture(boris.page, 'screen-desktop');
  await keepPicture(clara.page, 'screen-phone');
});

test('another who shares takes it over, and the first one is told', async () => {
  const { anna, boris, clara } = stage.people;
  const told = anna.sees('Boris is sharing their screen now. Yours is no longer shown.');
  await boris.button(SHARE).click();
  for (const { page } of [anna, clara]) await untilMoving(page, screenOf('Boris'));
  await told;
  await anna.button(SHARE).waitFor();
  await clara.page.getByLabel(screenOf('Anna'), { exact: true }).waitFor({ state: 'detached' });
});

test('a screen is shared while the camera is off', async () => {
  const { anna, boris } = stage.people;
  await boris.button('Turn camera off').click();
  await anna.page.locator(`.tile[data-video]:has(video[aria-label="${cameraOf('Boris')}"])`).waitFor({ state: 'detached' });
  await untilMoving(anna.page, screenOf('Boris'));
});

test('a screen that is shared no more is gone, and the call goes on', async () => {
  const { anna, boris, clara } = stage.people;
  await boris.button(STOP).first().click();
  for (const { page } of [anna, clara]) await page.getByLabel(screenOf('Boris'), { exact: true }).waitFor({ state: 'detached' });
  await boris.button('Turn camera on').click();
  await untilMoving(anna.page, cameraOf('Boris'));
  await untilHearing(clara.page);
});

test('who shared once may share again', async () => {
  const { anna, boris } = stage.people;
  await anna.button(SHARE).click();
  await untilMoving(boris.page, screenOf('Anna'));
  await anna.button(STOP).first().click();
  await boris.page.getByLabel(screenOf('Anna'), { exact: true }).waitFor({ state: 'detached' });
});

test('nothing was thrown and the content security policy held', () => {
  const { anna, boris, clara } = stage.people;
  assert.deepEqual([...anna.faults, ...boris.faults, ...clara.faults], []);
});
