/** How one looks at a group call: grid and speaker, a pin, a phone's pages, a shared screen, and the figures behind the pictures. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepPicture, PHONE } from './support/browser.js';
import { untilSeeing } from './support/media.js';
import { meet, useStage } from './support/stage.js';
import { until } from './support/until.js';

/** @import { Person } from './support/person.js' */

/** A picture large enough to be called so, of a stage of 1280 pixels. */
const LARGE = 700;

/** Keeps what the page says to the server, for `askedHeights`. */
const script = () => {
  /** @type {string[]} */
  const said = [];
  const { send } = WebSocket.prototype;
  Object.assign(globalThis, { said });
  /** @param {string} text */
  WebSocket.prototype.send = function (text) {
    said.push(text);
    send.call(this, text);
  };
};

const stage = useStage({ anna: { script }, boris: { viewport: PHONE, hasTouch: true }, clara: { viewport: PHONE } });

/**
 * @param {Person} person
 * @param {string} label
 * @param {(width: number) => boolean} fits
 */
async function untilWide(person, label, fits) {
  const picture = person.page.getByLabel(label, { exact: true });
  await until(`${label} has its size`, async () => (await picture.boundingBox())?.width ?? 0, fits);
}

/**
 * @param {Person} person
 * @returns {Promise<number[]>} of the pictures asked for last, the highest first; none as long as nothing was said
 */
function askedHeights({ page }) {
  return page.evaluate(() => {
    const { said } = /** @type {{ said: string[] }} */ (/** @type {unknown} */ (globalThis));
    const view = said.map((text) => JSON.parse(text)).findLast(({ type }) => type === 'view');
    return (view?.tiles ?? []).map((/** @type {{ height: number }} */ { height }) => height).sort((/** @type {number} */ one, /** @type {number} */ other) => other - one);
  });
}

test('three people are seen in a grid, oneself among them', async () => {
  const { anna, boris, clara } = stage.people;
  await meet(anna, [boris, clara]);
  await untilSeeing(anna.page);
  for (const label of ['Picture of Boris', 'Picture of Clara', 'Your own picture']) {
    await untilWide(anna, label, (width) => width > 300 && width < LARGE);
  }
});

test('the speaker view makes one large, a pin somebody else, and the grid everyone alike', async () => {
  const { anna } = stage.people;
  await anna.button('Switch to speaker view').click();
  await anna.button('Switch to grid view').waitFor();
  await anna.button('Pin Clara').focus();
  await anna.page.keyboard.press('Enter');
  await untilWide(anna, 'Picture of Clara', (width) => width > LARGE);
  await untilWide(anna, 'Picture of Boris', (width) => width > 0 && width < 300);
  await anna.button('Unpin Clara').waitFor();
  await keepPicture(anna.page, 'speaker-view');
  await anna.page.keyboard.press('v');
  await untilWide(anna, 'Picture of Clara', (width) => width > 300 && width < LARGE);
});

test('the figures tell what each picture gets, and go away again', async () => {
  const { anna } = stage.people;
  await anna.page.keyboard.press('s');
  const row = anna.page.getByRole('row', { name: /^Boris \d+×\d+ / });
  await row.waitFor();
  await until('frames are counted', () => row.innerText(), (text) => /\d+×\d+\s+[1-9]\d*\s+[\d.]+ [kM]bit\/s/.test(text));
  await anna.page.getByText('Round trip').waitFor();
  await keepPicture(anna.page, 'statistics');
  await anna.page.keyboard.press('Escape');
  await row.waitFor({ state: 'detached' }).catch(() => row.waitFor({ state: 'hidden' }));
});

test('a smaller window asks for smaller pictures, and a hidden one for none', async () => {
  const { anna } = stage.people;
  const [before = 0] = await askedHeights(anna);
  assert.ok(before > 200, `${before}`);
  await anna.page.setViewportSize({ width: 700, height: 500 });
  await until('smaller pictures are asked for', () => askedHeights(anna), ([height = 0]) => height > 0 && height < before);
  await anna.page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await until('no picture is asked for', () => askedHeights(anna), (heights) => heights.length > 0 && heights.every((height) => height === 0));
});

test('nothing was thrown and the content security policy held', () => {
  for (const { faults } of Object.values(stage.people)) assert.deepEqual(faults, []);
});
