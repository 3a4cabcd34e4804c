/** Which m-lines a call is offered with. Pure. */

/** @import { Track, TrackRole } from '../protocol.js' */

/** @typedef {{ role: TrackRole, kind: 'audio' | 'video', direction: 'sendonly' | 'recvonly' }} Line */
/** @typedef {Pick<RTCRtpTransceiver, 'mid'>} Placed */

/** How many people can be seen at once. A call grows by these steps, so that it connects anew seldom; a page shows no more than the last. */
const STEPS = Object.freeze([3, 8, 24]);
/** The server sends the loudest; more than so many voices at once are noise. */
const MOST_VOICES = 5;

/**
 * The lines of an offer: what this device sends, then the slots it receives in. Sources always come first and in the same
 * order, so a device can start sending without a new offer.
 * @param {number} others how many people there are besides this one
 * @returns {Line[]}
 */
export function planLines(others) {
  const slots = slotsFor(others);
  return [
    { role: 'microphone', kind: 'audio', direction: 'sendonly' },
    { role: 'camera', kind: 'video', direction: 'sendonly' },
    { role: 'screen', kind: 'video', direction: 'sendonly' },
    ...Array.from({ length: Math.min(slots, MOST_VOICES) }, () => slot('audio_slot', 'audio')),
    ...Array.from({ length: slots }, () => slot('video_slot', 'video')),
    slot('screen_slot', 'video'),
  ];
}

/**
 * @param {number} others how many people there are besides this one
 * @returns {number} how many of them can be seen at once
 */
export function slotsFor(others) {
  return STEPS.find((step) => step >= others) ?? Math.max(...STEPS);
}

/**
 * Names the m-lines for the server.
 * @param {readonly Line[]} lines
 * @param {readonly Placed[]} transceivers those of the lines, in the same order, once they have a mid
 * @returns {Track[]}
 */
export function nameTracks(lines, transceivers) {
  return lines.flatMap(({ role }, at) => {
    const mid = transceivers[at]?.mid;
    return typeof mid === 'string' ? [{ mid, role }] : [];
  });
}

/** In the order of preference. */
const CODECS = Object.freeze({ video: ['video/vp8', 'video/rtx'], audio: ['audio/red', 'audio/opus'] });
const NEEDED = Object.freeze({ video: 'video/vp8', audio: 'audio/opus' });

/**
 * The codecs to offer: VP8, which every browser and the server know, with retransmission; Opus for sound, each packet with
 * the one before in it where the browser knows RED (RFC 2198). Naming no others keeps the offer of a large call well under
 * the server's limit for a message.
 * @template {{ mimeType: string }} Codec
 * @param {'audio' | 'video'} kind
 * @param {readonly Codec[]} codecs what the browser can do
 * @returns {Codec[]} empty when it can do none of them, and the browser's own order has to serve
 */
export function chooseCodecs(kind, codecs) {
  const named = (/** @type {string} */ wanted) => codecs.filter(({ mimeType }) => mimeType.toLowerCase() === wanted);
  return named(NEEDED[kind]).length === 0 ? [] : CODECS[kind].flatMap(named);
}

/**
 * @param {TrackRole} role
 * @param {'audio' | 'video'} kind
 * @returns {Line}
 */
function slot(role, kind) {
  return { role, kind, direction: 'recvonly' };
}
