/** Behind a firewall that lets no UDP through: a whole call with the media by TCP. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { untilHearing, untilPictureOf, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';
import { untilConnected } from './support/ways.js';

/** The page knows of no UDP port of the server, as if nothing came back from there. */
const tcpOnly = () => {
  const prototype = RTCPeerConnection.prototype;
  const { setRemoteDescription } = prototype;
  prototype.setRemoteDescription = function (/** @type {RTCSessionDescriptionInit} */ { type, sdp = '' }) {
    const byTcp = sdp.replace(/^a=candidate:\S+ \d+ udp .*\r\n/gim, '');
    return Reflect.apply(setRemoteDescription, this, [{ type, sdp: byTcp }]);
  };
};

const stage = useStage({ anna: { script: tcpOnly }, boris: { script: tcpOnly }, clara: {} });

test('two who have TCP alone and one who has UDP see and hear each other', async (context) => {
  const { anna, boris, clara } = stage.people;
  await anna.callsTogether([boris, clara]);
  await boris.button('Accept').click();
  await clara.button('Accept').click();
  for (const [person, others] of /** @type {const} */ ([[anna, [boris, clara]], [boris, [anna, clara]], [clara, [anna, boris]]])) {
    await untilSeeing(person.page);
    await untilHearing(person.page);
    for (const other of others) await untilPictureOf(person.page, other.name);
  }
  const found = await Promise.all([anna, boris, clara].map(({ page }) => untilConnected(page)));
  context.diagnostic(JSON.stringify(found));
  assert.deepEqual(found.map(({ protocol }) => protocol), ['tcp', 'tcp', 'udp']);
  await anna.button('Hang up').click();
  await boris.endsCallWith(clara);
  assert.deepEqual([anna, boris, clara].flatMap(({ faults }) => faults), []);
});
