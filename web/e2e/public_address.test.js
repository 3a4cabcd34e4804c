/** A server that does not know where it is reached, and learns that from a STUN server. */

import { test } from 'node:test';

import { startCoturn } from './support/coturn.js';
import { untilHearing, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';

const coturn = await startCoturn();
/** One that nothing can be sent to (RFC 1122 §3.2.1.3): the learnt one is the only one that leads anywhere. */
const flags = ['--media-ip', '0.0.0.1', '--stun', coturn.host];
const stage = useStage({ anna: {}, boris: {} }, { flags, done: () => coturn.stop() });

test('a call connects by the address that was learnt', async () => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  for (const { page } of [anna, boris]) {
    await untilSeeing(page);
    await untilHearing(page);
  }
  await anna.endsCallWith(boris);
});
