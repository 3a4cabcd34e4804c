/** Calls with less than a camera and a microphone. */

import { test } from 'node:test';

import { untilHearing, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';

const stage = useStage({ anna: {} });

test('with a refused camera the call goes on with the microphone, and says so', async () => {
  const { anna } = stage.people;
  const boris = await stage.enters('Boris', { permissions: ['microphone'] });
  await anna.befriends(boris);
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  await boris.sees('The camera is blocked. The others cannot see you; allow it in your browser’s settings for this site.');
  await untilSeeing(boris.page);
  await untilHearing(anna.page);
  await anna.page.locator('.tile[data-video]').waitFor({ state: 'detached' });
  await boris.endsCallWith(anna);
  await boris.leaves();
});

test('with both refused one still sees and hears the other', async () => {
  const { anna } = stage.people;
  const clara = await stage.enters('Clara', { permissions: ['clipboard-write'] });
  await anna.befriends(clara);
  await clara.button('Video call to Anna').click();
  await anna.button('Accept').click();
  await clara.sees(
    'Camera and microphone are blocked. You can see and hear the others; allow them in your browser’s settings for this site.',
  );
  await untilSeeing(clara.page);
  await untilHearing(clara.page);
  await anna.page.getByRole('img', { name: 'Microphone off' }).waitFor();
  await clara.endsCallWith(anna);
});
