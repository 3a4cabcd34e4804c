/** The first call: two people who never met register, become contacts, and see and hear each other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, keepPicture, PHONE } from './support/browser.js';
import { received, untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';
import { until } from './support/until.js';

const stage = useStage({ anna: { viewport: DESKTOP }, boris: { viewport: PHONE } }, { befriended: false });

test('two people become contacts by number and invitation', async () => {
  const { anna, boris } = stage.people;
  await anna.sees('Nobody here yet');
  await anna.befriends(boris);
  await anna.sees('Online');
  await keepPicture(anna.page, 'contacts-desktop');
  await keepPicture(boris.page, 'contacts-phone');
});

test('a video call is seen and heard on both sides', async () => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await anna.sees('Ringing…');
  await keepPicture(boris.page, 'incoming-phone');
  await boris.button('Accept').click();
  for (const [person, other] of /** @type {const} */ ([[anna, boris], [boris, anna]])) {
    await person.call(other.name).waitFor();
    await untilSeeing(person.page);
    await untilHearing(person.page);
    await untilPictureOf(person.page, other.name);
    await until('the clock runs', () => person.page.getByRole('timer').textContent(), (clock) => /^0:0[1-9]|^0:[1-5]\d/.test(clock ?? ''));
  }
  await keepPicture(anna.page, 'call-desktop');
  await keepPicture(boris.page, 'call-phone');
});

test('a muted microphone is shown to the other side', async () => {
  const { anna, boris } = stage.people;
  const mark = anna.page.getByRole('img', { name: 'Microphone off' });
  await boris.button('Mute microphone').click();
  await mark.waitFor();
  await boris.button('Unmute microphone').click();
  await mark.waitFor({ state: 'hidden' });
  await untilHearing(anna.page);
});

test('a camera that is turned off gives way to the avatar on both sides and comes back when it is turned on', async () => {
  const { anna, boris } = stage.people;
  const picture = anna.page.locator('.tile[data-video]');
  await boris.button('Turn camera off').click();
  await picture.waitFor({ state: 'detached' });
  await boris.sees('You');
  await keepPicture(anna.page, 'call-camera-off');
  await keepPicture(boris.page, 'call-own-camera-off');
  await boris.button('Turn camera on').click();
  await picture.waitFor();
  await untilSeeing(anna.page);
  await untilPictureOf(anna.page, 'Boris');
});

test('hanging up ends the call on both sides', async () => {
  const { anna, boris } = stage.people;
  await anna.endsCallWith(boris);
  for (const person of [anna, boris]) {
    await until('nothing is received', () => received(person.page), ({ framesDecoded }) => framesDecoded === 0);
  }
});

test('an audio call is heard, and shows a camera that is turned on later', async () => {
  const { anna, boris } = stage.people;
  await boris.calls(anna, 'Audio');
  await anna.button('Accept').click();
  await untilHearing(boris.page);
  await untilHearing(anna.page);
  await anna.button('Turn camera on').click();
  await untilSeeing(boris.page);
  await untilPictureOf(boris.page, 'Anna');
  await boris.endsCallWith(anna);
});

test('nothing was thrown and the content security policy held', () => {
  const { anna, boris } = stage.people;
  assert.deepEqual([...anna.faults, ...boris.faults], []);
});
