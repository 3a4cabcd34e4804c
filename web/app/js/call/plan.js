/** Which m-lines a call is offered with. Pure. */

/** @import { Track, TrackRole } from '../protocol.js' */

/** @typedef {{ role: TrackRole, kind: 'audio' | 'video', direction: 'sendonly' | 'recvonly' }} Line */
/** @typedef {Pick<RTCRtpTransceiver, 'mid'>} Placed */

/** As many people as one screen shows at once; the server chooses whom to put into the slots of a larger call. */
const MOST_SLOTS = 8;
/** A call of two may grow; room for two more saves it from connecting anew when the first ones come in. */
const FEWEST_SLOTS = 3;

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
    ...Array.from({ length: slots }, () => slot('audio_slot', 'audio')),
    ...Array.from({ length: slots }, () => slot('video_slot', 'video')),
    slot('screen_slot', 'video'),
  ];
}

/**
 * @param {number} others how many people there are besides this one
 * @returns {number} of each kind
 */
export function slotsFor(others) {
  return Math.min(Math.max(others, FEWEST_SLOTS), MOST_SLOTS);
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

/**
 * The codecs to offer: VP8, which every browser and the server know, with retransmission; Opus for sound. Naming no others
 * keeps the offer of a large call well under the server's limit for a message.
 * @template {{ mimeType: string }} Codec
 * @param {'audio' | 'video'} kind
 * @param {readonly Codec[]} codecs what the browser can do
 * @returns {Codec[]} empty when it can do none of them, and the browser's own order has to serve
 */
export function chooseCodecs(kind, codecs) {
  const wanted = kind === 'video' ? 'video/vp8' : 'audio/opus';
  const main = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === wanted);
  if (main.length === 0) return [];
  return [...main, ...codecs.filter(({ mimeType }) => mimeType.toLowerCase() === `${kind}/rtx`)];
}

/**
 * @param {TrackRole} role
 * @param {'audio' | 'video'} kind
 * @returns {Line}
 */
function slot(role, kind) {
  return { role, kind, direction: 'recvonly' };
}
