/** Behind a network where no WebSocket passes: a whole call by server-sent events and POSTs. */

import { test } from 'node:test';

import { untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';

const script = () => Reflect.deleteProperty(globalThis, 'WebSocket');
/** Far less than the seat of a lost connection is kept. */
const SOON_MS = 5000;
const stage = useStage({ anna: { script }, boris: { script } });

test('the log says how the server is reached', async () => {
  const { anna } = stage.people;
  await anna.button('Logs').click();
  const log = anna.page.getByRole('log', { name: 'Log entries' });
  await log.getByText('WebSocket does not pass: using SSE and POST').waitFor();
  await log.getByText('connected by SSE and POST').waitFor();
  await anna.button('Close').click();
});

test('a call rings, is answered, seen and heard, and ends', async () => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await anna.sees('Ringing…');
  await boris.button('Accept').click();
  for (const [person, other] of /** @type {const} */ ([[anna, boris], [boris, anna]])) {
    await untilSeeing(person.page);
    await untilHearing(person.page);
    await untilPictureOf(person.page, other.name);
  }
  await boris.button('Mute microphone').click();
  await anna.page.getByRole('img', { name: 'Microphone off' }).waitFor();
  await anna.endsCallWith(boris);
});

test('somebody who goes to another page has left', async () => {
  const { anna, boris } = stage.people;
  await boris.calls(anna, 'Audio');
  await anna.button('Accept').click();
  await untilHearing(boris.page);
  const told = anna.words('The call has ended').first().waitFor({ timeout: SOON_MS });
  await Promise.all([told, boris.page.goto('about:blank')]);
});
