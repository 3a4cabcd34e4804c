/**
 * The wire messages as this client reads and writes them. `src/protocol` is the reference; the golden samples beside it
 * are read by `tests/protocol.test.js`, so neither side can drift.
 */

/** @typedef {'audio' | 'video'} CallKind */
/** @typedef {{ id: string, name: string }} Person */
/** @typedef {{ microphone: boolean, camera: boolean, screen: boolean }} MediaState */
/** @typedef {'invited' | 'ringing' | 'active' | 'left' | 'declined' | 'missed' | 'busy' | 'unreachable' | 'cancelled'} SeatState */
/** @typedef {{ person: Person, state: SeatState, media: MediaState }} Seat */
/** @typedef {{ user: string, track: 'microphone' | 'camera' | 'screen' }} SlotSource */
/** @typedef {'microphone' | 'camera' | 'screen' | 'audio_slot' | 'video_slot' | 'screen_slot'} TrackRole */
/** @typedef {{ mid: string, role: TrackRole }} Track */
/** @typedef {{ sdp: string, tracks: Track[] }} Offer */
/**
 * @typedef {'hung_up' | 'declined' | 'missed' | 'busy' | 'unreachable' | 'cancelled' | 'connection_lost' | 'server_stopped'} EndReason
 */
/** @typedef {'answered_elsewhere' | 'declined_elsewhere' | 'cancelled' | 'missed' | 'ended'} RingStop */

/**
 * @typedef {{ type: 'place', callees: string[], kind: CallKind, offer: Offer }
 *   | { type: 'accept', call: string, offer: Offer }
 *   | { type: 'decline' | 'cancel' | 'hang_up', call: string }
 *   | { type: 'set_media', call: string, media: MediaState }
 *   | { type: 'ping' }} Request
 */

/**
 * @typedef {{ type: 'placed' | 'accepted', call: string, answer: string, seats: Seat[] } | { type: 'done' }} Reply
 */

/**
 * @typedef {{ type: 'welcome', device: string, user: Person, online: string[] }
 *   | { type: 'presence', user: string, online: boolean }
 *   | { type: 'contacts_changed' }
 *   | { type: 'incoming_call', call: string, kind: CallKind, from: Person, others: Person[], rings_for_ms: number }
 *   | { type: 'ringing_stopped', call: string, why: RingStop }
 *   | { type: 'seat', call: string, seat: Seat }
 *   | { type: 'slot', call: string, mid: string, source: SlotSource | null }
 *   | { type: 'media_connected', call: string }
 *   | { type: 'call_ended', call: string, reason: EndReason, duration_ms: number }
 *   | { type: 'logged_out' }} ServerEvent
 */

/** @typedef {{ code: string, message: string }} Failure */

/**
 * @typedef {{ kind: 'done', reply: number, ok: Reply }
 *   | { kind: 'refused', reply: number, error: Failure }
 *   | { kind: 'event', seq: number, event: ServerEvent }
 *   | { kind: 'unknown' }} ServerMessage
 */

/** The events this client acts on. An event of another type is left alone, so that a newer server does no harm. */
export const EVENT_TYPES = Object.freeze([
  'welcome',
  'presence',
  'contacts_changed',
  'incoming_call',
  'ringing_stopped',
  'seat',
  'slot',
  'media_connected',
  'call_ended',
  'logged_out',
]);

/** The replies this client acts on. */
export const REPLY_TYPES = Object.freeze(['placed', 'accepted', 'done']);

/**
 * Reads one message of the server.
 * @param {string} text
 * @returns {ServerMessage} `unknown` for whatever is not a message this client knows
 */
export function readServerMessage(text) {
  const message = parse(text);
  if (typeof message !== 'object' || message === null) return { kind: 'unknown' };
  if (typeof message.reply === 'number') {
    if (REPLY_TYPES.includes(message.ok?.type)) return { kind: 'done', reply: message.reply, ok: message.ok };
    if (typeof message.error?.code === 'string') return { kind: 'refused', reply: message.reply, error: message.error };
    return { kind: 'unknown' };
  }
  if (typeof message.seq === 'number' && EVENT_TYPES.includes(message.event?.type)) {
    return { kind: 'event', seq: message.seq, event: message.event };
  }
  return { kind: 'unknown' };
}

/**
 * Writes one message of the client.
 * @param {number} id unique among the requests still unanswered; not 0
 * @param {Request} request
 * @returns {string}
 */
export function writeClientMessage(id, request) {
  return JSON.stringify({ id, ...request });
}

/**
 * @param {string} text
 * @returns {any}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
