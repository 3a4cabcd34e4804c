/** A second call while one talks: the first is held, nothing of it is seen or heard, and then it goes on. */

import { test } from 'node:test';

import { keepPicture } from './support/browser.js';
import { untilHearing, untilPictureOf, untilSeeing, untilSilent } from './support/media.js';
import { useStage } from './support/stage.js';

const stage = useStage({ anna: {}, boris: {}, clara: {} });

test('a second call is offered over the first, which is held when it is answered', async () => {
  const { anna, boris, clara } = stage.people;
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  await untilSeeing(boris.page);
  await clara.calls(anna, 'Video');
  await keepPicture(anna.page, 'call-waiting');
  await anna.button('Hold and answer').click();
  await untilPictureOf(clara.page, 'Anna');
  await untilPictureOf(anna.page, 'Clara');
  await boris.sees('You are on hold');
  await untilSilent(boris.page);
});

test('one who went on hold goes on with the first call while the second waits', async () => {
  const { anna, boris, clara } = stage.people;
  await anna.button('Resume the call with Boris').click();
  await untilPictureOf(boris.page, 'Anna');
  await untilHearing(boris.page);
  await untilPictureOf(anna.page, 'Boris');
  await clara.sees('You are on hold');
  await untilSilent(clara.page);
});

test('both calls end, each by itself', async () => {
  const { anna, boris, clara } = stage.people;
  const told = boris.sees('The call has ended');
  await anna.button('Hang up').click();
  await told;
  await anna.button('Resume').click();
  await untilSeeing(clara.page);
  await clara.endsCallWith(anna);
});
