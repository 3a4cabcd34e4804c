/** Behind a firewall that lets nothing through but TURN: a whole call by way of a relay, by UDP and by TCP. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startCoturn } from './support/coturn.js';
import { untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';
import { untilConnected } from './support/ways.js';

const coturn = await startCoturn();

/** Nothing but a relay is tried, as behind a firewall. */
const relayOnly = () => {
  Object.assign(globalThis, {
    RTCPeerConnection: class extends RTCPeerConnection {
      /** @param {RTCConfiguration} [configuration] */
      constructor(configuration) {
        super({ ...configuration, iceTransportPolicy: 'relay' });
      }
    },
  });
};

/** The same, where UDP does not get to the relay either. */
const relayByTcpOnly = () => {
  Object.assign(globalThis, {
    RTCPeerConnection: class extends RTCPeerConnection {
      /** @param {RTCConfiguration} [configuration] */
      constructor(configuration) {
        const byTcp = (/** @type {RTCIceServer} */ { urls, ...server }) => ({ ...server, urls: [urls].flat().filter((url) => url.endsWith('tcp')) });
        super({ ...configuration, iceServers: configuration?.iceServers?.map(byTcp) ?? [], iceTransportPolicy: 'relay' });
      }
    },
  });
};

const stage = useStage(
  { anna: { script: relayOnly }, boris: { script: relayByTcpOnly } },
  { flags: coturn.flags, done: () => coturn.stop() },
);

test('two behind firewalls see and hear each other by way of the relay', async (context) => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  for (const [person, other] of /** @type {const} */ ([[anna, boris], [boris, anna]])) {
    await untilSeeing(person.page);
    await untilHearing(person.page);
    await untilPictureOf(person.page, other.name);
  }
  const [hers, his] = [await untilConnected(anna.page), await untilConnected(boris.page)];
  context.diagnostic(JSON.stringify({ hers, his }));
  assert.deepEqual([hers.type, hers.relayProtocol], ['relay', 'udp']);
  assert.deepEqual([his.type, his.relayProtocol], ['relay', 'tcp']);
  await anna.endsCallWith(boris);
  assert.deepEqual([anna.faults, boris.faults], [[], []]);
});
