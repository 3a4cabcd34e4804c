/** How a call is heard and seen here, out of what the browser counts. Pure. */

/** @import { QualityReport } from '../protocol.js' */

/** What has been counted since the connection was made; seconds are milliseconds here. @typedef {QualityReport} Counted */

/** A report's entry, as far as it matters here. @typedef {{ type: string } & Record<string, any>} Entry */

/**
 * @param {Iterable<Entry>} stats of one connection
 * @returns {Counted}
 */
export function countedIn(stats) {
  /** @type {Counted} */
  const counted = { received: 0, lost: 0, rtt_ms: 0, jitter_ms: 0, frozen_ms: 0 };
  for (const entry of stats) {
    if (entry.type === 'inbound-rtp') {
      counted.received += entry.packetsReceived ?? 0;
      counted.lost += entry.packetsLost ?? 0;
      if (entry.kind === 'audio') counted.jitter_ms = Math.max(counted.jitter_ms, (entry.jitter ?? 0) * 1000);
      else counted.frozen_ms += (entry.totalFreezesDuration ?? 0) * 1000;
    } else if (isPathInUse(entry)) counted.rtt_ms = Math.max(counted.rtt_ms, (entry.currentRoundTripTime ?? 0) * 1000);
  }
  return counted;
}

/**
 * @param {Counted} before
 * @param {Counted} after
 * @returns {QualityReport} what came between; whole numbers where the protocol wants them
 */
export function between(before, after) {
  return {
    received: grown(before.received, after.received),
    // Packets that came late after all take the count back.
    lost: grown(before.lost, after.lost),
    rtt_ms: after.rtt_ms,
    jitter_ms: after.jitter_ms,
    frozen_ms: grown(before.frozen_ms, after.frozen_ms),
  };
}

/** @type {Readonly<Counted>} */
export const NOTHING_COUNTED = Object.freeze({ received: 0, lost: 0, rtt_ms: 0, jitter_ms: 0, frozen_ms: 0 });

/**
 * @param {number} before
 * @param {number} after
 */
function grown(before, after) {
  return Math.max(0, Math.round(after - before));
}

/** @param {Entry} entry */
function isPathInUse({ type, nominated, state }) {
  return type === 'candidate-pair' && nominated === true && state === 'succeeded';
}
