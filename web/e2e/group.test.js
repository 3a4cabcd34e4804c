/** Three people in one call, and a fourth: everyone sees everyone, one who leaves ends it for nobody else, and may come back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, keepPicture, PHONE } from './support/browser.js';
import { untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { countRings } from './support/rings.js';
import { useStage } from './support/stage.js';

const stage = useStage({ anna: { viewport: DESKTOP }, boris: { viewport: PHONE }, clara: { viewport: PHONE } });

test('a call to two people rings at both and names who else is called', async () => {
  const { anna, boris, clara } = stage.people;
  await anna.callsTogether([boris, clara]);
  await boris.sees('with Clara');
  await clara.sees('with Boris');
});

test('everyone sees and hears everyone', async () => {
  const { anna, boris, clara } = stage.people;
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
  const { anna, boris, clara } = stage.people;
  await boris.button('Hang up').click();
  await anna.page.getByLabel('Picture of Boris', { exact: true }).waitFor({ state: 'detached' });
  await clara.page.getByLabel('Picture of Boris', { exact: true }).waitFor({ state: 'detached' });
  await untilSeeing(anna.page);
  await untilSeeing(clara.page);
});

test('one who left comes back without a ring', async () => {
  const { anna, boris, clara } = stage.people;
  await boris.closes();
  const rings = await countRings(boris.page);
  await boris.sees('The call with Anna and Clara is still going on');
  await boris.button('Join').click();
  for (const person of [anna, clara]) await untilPictureOf(person.page, 'Boris');
  for (const other of ['Anna', 'Clara']) await untilPictureOf(boris.page, other);
  assert.equal(await rings(), 0);
});

test('somebody who is no contact of the caller is added by one who knows them', async () => {
  const { anna, boris } = stage.people;
  const dmitri = await stage.enters('Dmitri');
  await boris.button('Hang up').click();
  await boris.closes();
  await boris.befriends(dmitri);
  await boris.button('Join').click();
  await boris.button('People in the call').click();
  await boris.button('Add people').click();
  await boris.page.getByRole('checkbox', { name: 'Call Dmitri too' }).check();
  await boris.button('Add those chosen to the call').click();
  await dmitri.button('Accept').click();
  await untilSeeing(dmitri.page);
  await untilPictureOf(anna.page, 'Dmitri');
  await dmitri.button('Hang up').click();
  await anna.page.getByLabel('Picture of Dmitri', { exact: true }).waitFor({ state: 'detached' });
  await dmitri.leaves();
  await boris.page.keyboard.press('Escape');
  await boris.button('Hang up').click();
  await anna.page.getByLabel('Picture of Boris', { exact: true }).waitFor({ state: 'detached' });
});

test('the call ends when one of the last two hangs up', async () => {
  const { anna, clara } = stage.people;
  await anna.endsCallWith(clara);
});
