/** By which way the media of a page goes. */

import { until } from './until.js';

/** @import { Page } from 'playwright-core' */

/** @typedef {{ type: string, protocol: string, relayProtocol: string | undefined }} Way the candidate of this side */

/**
 * @param {Page} page
 * @returns {Promise<Way[]>} of each media connection that is up
 */
export function ways(page) {
  return page.evaluate(async () => {
    const { peerConnections } = /** @type {{ peerConnections: RTCPeerConnection[] }} */ (/** @type {unknown} */ (globalThis));
    const found = [];
    for (const connection of peerConnections) {
      const stats = await connection.getStats();
      for (const transport of stats.values()) {
        if (transport.type !== 'transport') continue;
        const pair = stats.get(transport.selectedCandidatePairId);
        const local = pair && stats.get(pair.localCandidateId);
        if (pair?.state === 'succeeded' && local) {
          found.push({ type: local.candidateType, protocol: local.protocol, relayProtocol: local.relayProtocol });
        }
      }
    }
    return found;
  });
}

/**
 * Waits until media is connected, and gives by which way.
 * @param {Page} page
 * @returns {Promise<Way>}
 */
export async function untilConnected(page) {
  const [way] = await until('media is connected', () => ways(page), ({ length }) => length > 0);
  return /** @type {Way} */ (way);
}
