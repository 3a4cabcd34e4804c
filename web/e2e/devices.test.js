/** Calls with less than a camera and a microphone. */

import { after, before, test } from 'node:test';

import { startBrowser } from './support/browser.js';
import { untilHearing, untilSeeing } from './support/media.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let chromium;
/** @type {Person} */
let anna;

before(async () => {
  server = await startServer();
  chromium = await startBrowser();
  anna = await Person.registers(chromium.browser, server.url, 'Anna');
});

after(async () => {
  await chromium?.close();
  await server?.stop();
});

test('with a refused camera the call goes on with the microphone, and says so', async () => {
  const boris = await Person.registers(chromium.browser, server.url, 'Boris', { permissions: ['microphone'] });
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
  const clara = await Person.registers(chromium.browser, server.url, 'Clara', { permissions: ['clipboard-write'] });
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
