/** Sharing a screen: seen by everyone beside the cameras, taken over by another, stopped; with a camera and without. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepPicture, PHONE } from './support/browser.js';
import { untilHearing } from './support/media.js';
import { cameraOf, screenOf, untilMoving } from './support/pictures.js';
import { meet, useStage } from './support/stage.js';

/** @import { Person } from './support/person.js' */

const SHARE = 'Share your screen';
const STOP = 'Stop sharing your screen';

/** Lets the page hear what the server says later: what comes while `deaf` is kept until `hear`. */
const script = () => {
  /** @type {(() => void)[]} */
  const kept = [];
  const ear = { deaf: false, hear: () => kept.splice(0).forEach((tell) => tell()) };
  Object.assign(globalThis, { ear });
  const { addEventListener } = WebSocket.prototype;
  /** @param {string} type @param {(event: any) => void} listener */
  WebSocket.prototype.addEventListener = function (type, listener) {
    const late = (/** @type {Event} */ event) => (ear.deaf ? kept.push(() => listener(event)) : listener(event));
    addEventListener.call(this, type, type === 'message' ? late : listener);
  };
};

const stage = useStage({ anna: { script }, boris: {}, clara: { viewport: PHONE } }, { fps: 10, size: '320x180', screens: true });

/**
 * @param {Person} person whose page was opened with `script`
 * @param {boolean} deaf
 */
function setDeaf({ page }, deaf) {
  return page.evaluate((on) => {
    const { ear } = /** @type {{ ear: { deaf: boolean, hear: () => void } }} */ (/** @type {unknown} */ (globalThis));
    ear.deaf = on;
    if (!on) ear.hear();
  }, deaf);
}

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

test('who stops and shares anew before they hear that another took over is the one who shares, and the other is told', async () => {
  const { anna, boris, clara } = stage.people;
  await anna.button(SHARE).click();
  await untilMoving(clara.page, screenOf('Anna'));
  await setDeaf(anna, true);
  await boris.button(SHARE).click();
  await untilMoving(clara.page, screenOf('Boris'));
  await anna.button(STOP).first().click();
  await anna.button(SHARE).click();
  const told = boris.sees('Anna is sharing their screen now. Yours is no longer shown.');
  await setDeaf(anna, false);
  await told;
  await untilMoving(clara.page, screenOf('Anna'));
  await anna.button(STOP).first().click();
  await clara.page.getByLabel(screenOf('Anna'), { exact: true }).waitFor({ state: 'detached' });
});

test('nothing was thrown and the content security policy held', () => {
  const { anna, boris, clara } = stage.people;
  assert.deepEqual([...anna.faults, ...boris.faults, ...clara.faults], []);
});
