/** Why a call looks as it does, in numbers: out of what the browser counts and what the server says it sends. Pure. */

/** @import { ServerStats } from './viewing.js' */

/** An entry of a report, as far as it matters here. @typedef {{ id: string, type: string, timestamp: number } & Record<string, any>} Entry */
/** Counted over one media connection. @typedef {{ values: () => Iterable<Entry> }} Counts */

/**
 * What is not known is `null`. Rates are of the time between the two reports.
 * @typedef {object} Total
 * @property {number | null} estimate_bps what the path to here is taken to carry
 * @property {number | null} rtt_ms
 * @property {number | null} loss of what came, 0 to 1
 * @property {number | null} up_bps
 * @property {number | null} down_bps
 */
/**
 * @typedef {object} TileFigures
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} fps
 * @property {number | null} bitrate_bps
 * @property {string | null} rid
 * @property {number | null} temporal
 * @property {number | null} loss 0 to 1
 * @property {number} freezes since the connection was made
 */
/**
 * A layer that is sent.
 * @typedef {object} SentFigures
 * @property {string} mid
 * @property {string | null} rid
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} fps
 * @property {number | null} bitrate_bps
 * @property {string | null} limited what keeps it below what it might be: `bandwidth`, `cpu`, `other`
 */
/** @typedef {{ total: Total, tiles: Record<string, TileFigures>, sent: SentFigures[] }} Figures */

/**
 * @param {Counts | null} statsBefore of the same connection; without, there are no rates yet
 * @param {Counts} statsNow
 * @param {ServerStats | null} serverStats
 * @returns {Figures} tiles by mid: those slots that received a picture
 */
export function figures(statsBefore, statsNow, serverStats) {
  const earlier = new Map([...(statsBefore?.values() ?? [])].map((entry) => [entry.id, entry]));
  const entries = [...statsNow.values()].map((now) => ({ now, grown: growth(earlier.get(now.id), now) }));
  const received = entries.filter(({ now }) => now.type === 'inbound-rtp');
  const pictures = received.filter(({ now }) => now.kind === 'video' && typeof now.mid === 'string' && (now.packetsReceived ?? 0) > 0);
  const sent = entries.filter(({ now }) => now.type === 'outbound-rtp' && now.kind === 'video');
  return {
    total: totalOf(entries, received, serverStats),
    tiles: Object.fromEntries(pictures.map((picture) => [picture.now.mid, tileOf(picture, serverStats)])),
    sent: sent.map(sentOf).filter(({ bitrate_bps: bps, fps }) => (bps ?? 1) > 0 || (fps ?? 0) > 0),
  };
}

/** @typedef {{ now: Entry, grown: Growth | null }} Counted */
/** What a field has grown by, and by how much a second. @typedef {{ by: (field: string) => number, perSecond: (field: string) => number }} Growth */

/**
 * @param {Entry | undefined} before
 * @param {Entry} now
 * @returns {Growth | null}
 */
function growth(before, now) {
  const seconds = before ? (now.timestamp - before.timestamp) / 1000 : 0;
  if (!before || seconds <= 0) return null;
  // Packets that came late after all take a count back.
  const by = (/** @type {string} */ field) => Math.max(0, (now[field] ?? 0) - (before[field] ?? 0));
  return { by, perSecond: (field) => by(field) / seconds };
}

/**
 * @param {Counted[]} all
 * @param {Counted[]} received
 * @param {ServerStats | null} server
 * @returns {Total}
 */
function totalOf(all, received, server) {
  const path = all.find(({ now }) => now.type === 'candidate-pair' && now.nominated === true && now.state === 'succeeded');
  const rtt = path?.now.currentRoundTripTime;
  return {
    estimate_bps: server?.estimate_bps ?? null,
    rtt_ms: server?.rtt_ms ?? (typeof rtt === 'number' ? rtt * 1000 : null),
    loss: lossOf(received) ?? server?.loss ?? null,
    up_bps: bits(path, 'bytesSent'),
    down_bps: bits(path, 'bytesReceived'),
  };
}

/**
 * @param {Counted} picture
 * @param {ServerStats | null} server
 * @returns {TileFigures}
 */
function tileOf({ now, grown }, server) {
  const slot = server?.slots.find(({ mid }) => mid === now.mid);
  return {
    ...sizeOf(now),
    fps: grown ? Math.round(grown.perSecond('framesDecoded')) : (now.framesPerSecond ?? null),
    bitrate_bps: bits({ now, grown }, 'bytesReceived'),
    rid: slot?.rid ?? null,
    temporal: slot?.temporal ?? null,
    loss: lossOf([{ now, grown }]),
    freezes: now.freezeCount ?? 0,
  };
}

/**
 * @param {Counted} picture
 * @returns {SentFigures}
 */
function sentOf({ now, grown }) {
  const reason = now.qualityLimitationReason;
  return {
    mid: now.mid ?? '',
    rid: now.rid ?? null,
    ...sizeOf(now),
    fps: grown ? Math.round(grown.perSecond('framesEncoded')) : (now.framesPerSecond ?? null),
    bitrate_bps: bits({ now, grown }, 'bytesSent'),
    limited: typeof reason === 'string' && reason !== 'none' ? reason : null,
  };
}

/** @param {Entry} entry */
function sizeOf({ frameWidth, frameHeight }) {
  return { width: frameWidth ?? null, height: frameHeight ?? null };
}

/**
 * @param {Counted | undefined} counted
 * @param {string} field of bytes
 */
function bits(counted, field) {
  return counted?.grown ? Math.round(counted.grown.perSecond(field) * 8) : null;
}

/** @param {Counted[]} received */
function lossOf(received) {
  let lost = 0;
  let came = 0;
  for (const { grown } of received) {
    lost += grown?.by('packetsLost') ?? 0;
    came += grown?.by('packetsReceived') ?? 0;
  }
  return lost + came > 0 ? lost / (lost + came) : null;
}
