/** A server that does not know where it is reached, and learns that from a STUN server. */

import { test } from 'node:test';

import { startCoturn } from './support/coturn.js';
import { untilHearing, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';
import { until } from './support/until.js';
import { ways } from './support/ways.js';

const coturn = await startCoturn();
/** An address for documentation (RFC 5737), where nobody is: the learnt one is the only one that leads anywhere. */
const flags = ['--media-ip', '192.0.2.1', '--stun', coturn.host];
const stage = useStage({ anna: {}, boris: {} }, { flags, done: () => coturn.stop() });

test('a call connects by the address that was learnt', async () => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  for (const { page } of [anna, boris]) {
    await untilSeeing(page);
    await untilHearing(page);
    await until('media goes by UDP', () => ways(page), ([way]) => way?.protocol === 'udp');
  }
  await anna.endsCallWith(boris);
});
