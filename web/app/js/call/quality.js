/** How a call is heard and seen here, out of what the browser counts. Pure. */

/** @import { QualityReport } from '../protocol.js' */

/** For how long a picture stood still until then, milliseconds. @typedef {{ ms: number, at: number }} Frozen */

/**
 * What has been counted since the connection was made, the pictures one by one.
 * @typedef {Omit<QualityReport, 'frozen_ms'> & { frozen: Record<string, Frozen> }} Counted
 */

/** A report's entry, as far as it matters here. @typedef {{ id: string, type: string, timestamp: number } & Record<string, any>} Entry */

/**
 * @param {Iterable<Entry>} stats of one connection
 * @returns {Counted}
 */
export function countedIn(stats) {
  /** @type {Counted} */
  const counted = { received: 0, lost: 0, rtt_ms: 0, jitter_ms: 0, frozen: {} };
  for (const entry of stats) {
    if (entry.type === 'inbound-rtp') {
      counted.received += entry.packetsReceived ?? 0;
      counted.lost += entry.packetsLost ?? 0;
      if (entry.kind === 'audio') counted.jitter_ms = Math.max(counted.jitter_ms, (entry.jitter ?? 0) * 1000);
      else counted.frozen[entry.id] = { ms: (entry.totalFreezesDuration ?? 0) * 1000, at: entry.timestamp };
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
  const frozen = Object.entries(after.frozen).map(([id, now]) => stoodStill(before.frozen[id], now));
  return {
    received: grown(before.received, after.received),
    // Packets that came late after all take the count back.
    lost: grown(before.lost, after.lost),
    rtt_ms: after.rtt_ms,
    jitter_ms: after.jitter_ms,
    frozen_ms: frozen.reduce((sum, ms) => sum + ms, 0),
  };
}

/** @type {Readonly<Counted>} */
export const NOTHING_COUNTED = Object.freeze({ received: 0, lost: 0, rtt_ms: 0, jitter_ms: 0, frozen: {} });

/**
 * A standstill is counted when it ends. One longer than the time between two reports is none: the picture was hidden, or the
 * camera off.
 * @param {Frozen | undefined} before
 * @param {Frozen} now
 * @returns {number} ms
 */
function stoodStill(before, now) {
  const ms = grown(before?.ms ?? 0, now.ms);
  return before && ms > now.at - before.at ? 0 : ms;
}

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
