/**
 * The wire messages as this client reads and writes them. `src/protocol` is the reference; the golden samples beside it
 * are read by `tests/protocol.test.js`, so neither side can drift.
 */

/** @typedef {'audio' | 'video'} CallKind */
/** @typedef {{ id: string, name: string }} Person */
/** @typedef {{ microphone: boolean, camera: boolean, screen: boolean }} MediaState */
/**
 * @typedef {'invited' | 'ringing' | 'active' | 'held' | 'reconnecting' | 'left' | 'declined' | 'missed' | 'busy'
 *   | 'unreachable' | 'cancelled'} SeatState
 */
/** @typedef {{ person: Person, state: SeatState, media: MediaState, ringing_on?: number }} Seat */
/** @typedef {{ user: string, track: 'microphone' | 'camera' | 'screen' }} SlotSource */
/** @typedef {'microphone' | 'camera' | 'screen' | 'audio_slot' | 'video_slot' | 'screen_slot'} TrackRole */
/** @typedef {{ mid: string, role: TrackRole }} Track */
/** @typedef {{ sdp: string, tracks: Track[] }} Offer */
/**
 * @typedef {'hung_up' | 'declined' | 'missed' | 'busy' | 'unreachable' | 'cancelled' | 'connection_lost' | 'server_stopped'} EndReason
 */
/** @typedef {'answered_elsewhere' | 'declined_elsewhere' | 'cancelled' | 'missed' | 'ended'} RingStop */
/** @typedef {'moved' | 'took_another' | 'connection_lost'} LeftBecause */
/** What becomes of the call one is in when another is taken. @typedef {'hold' | 'leave'} Current */

/**
 * @typedef {object} MyCall
 * @property {string} call
 * @property {CallKind} kind
 * @property {Person} caller
 * @property {Person[]} people everyone with a seat but this user
 * @property {SeatState} state where this user's seat stands
 * @property {boolean} here whether this device holds the seat
 * @property {string} [device] the device that holds it, by name
 */

/**
 * @typedef {{ type: 'text', text: string } | { type: 'clip', clip: string, duration_ms: number, bytes: number }} MessageBody
 */
/** @typedef {{ id: string, from: string, to: string, sent_ms: number, body: MessageBody }} Message */

/**
 * What was received since the report before; counts, and times in milliseconds.
 * @typedef {{ received: number, lost: number, rtt_ms: number, jitter_ms: number, frozen_ms: number }} QualityReport
 */

/**
 * One of this device's video or screen slots as its page shows it; `height` is in device pixels, 0 where it is not visible.
 * @typedef {{ mid: string, height: number, user?: string, pinned?: boolean }} ViewTile
 */

/** How good somebody's connection is. @typedef {'good' | 'fair' | 'poor'} ConnectionQuality */

/**
 * What the server sends into one slot.
 * @typedef {object} SlotStats
 * @property {string} mid
 * @property {SlotSource} source
 * @property {string} [rid] the simulcast layer; none without simulcast, or while nothing is sent
 * @property {number} [temporal] the highest temporal layer, from 0
 * @property {number} bitrate_bps over the last second
 * @property {boolean} paused
 */

/**
 * @typedef {{ type: 'place', callees: string[], kind: CallKind, offer: Offer }
 *   | { type: 'warm', call: string, offer: Offer }
 *   | { type: 'accept', call: string, offer?: Offer, current?: Current }
 *   | { type: 'decline' | 'cancel' | 'hang_up' | 'hold', call: string }
 *   | { type: 'invite', call: string, callees: string[] }
 *   | { type: 'join', call: string, offer: Offer, current?: Current }
 *   | { type: 'unhold', call: string, current?: Current }
 *   | { type: 'set_media', call: string, media: MediaState }
 *   | { type: 'report', call: string, quality: QualityReport }
 *   | { type: 'view', call: string, tiles: ViewTile[] }
 *   | { type: 'stats', call: string }
 *   | { type: 'ping' }} Request
 */

/**
 * @typedef {{ type: 'placed', call: string, answer: string, seats: Seat[] }
 *   | { type: 'accepted', call: string, answer?: string, seats: Seat[] }
 *   | { type: 'warmed', call: string, answer: string }
 *   | { type: 'joined', call: string, kind: CallKind, answer: string, answered_ms_ago?: number, seats: Seat[] }
 *   | { type: 'stats', call: string, estimate_bps?: number, rtt_ms?: number, loss?: number, slots: SlotStats[] }
 *   | { type: 'done' }} Reply
 */

/**
 * @typedef {{ type: 'welcome', device: string, user: Person, online: string[] }
 *   | { type: 'resumed' }
 *   | { type: 'my_calls', calls: MyCall[] }
 *   | { type: 'presence', user: string, online: boolean }
 *   | { type: 'contacts_changed' }
 *   | { type: 'incoming_call', call: string, kind: CallKind, from: Person, others: Person[], rings_for_ms: number,
 *       waiting?: boolean, blocked?: string[] }
 *   | { type: 'ringing_stopped', call: string, why: RingStop, device?: string }
 *   | { type: 'seat', call: string, seat: Seat }
 *   | { type: 'slot', call: string, mid: string, source: SlotSource | null }
 *   | { type: 'slot_paused', call: string, mid: string, paused: boolean }
 *   | { type: 'layers_wanted', call: string, track: 'camera' | 'screen', active: boolean, rids: string[] }
 *   | { type: 'speakers', call: string, users: string[] }
 *   | { type: 'quality', call: string, people: { user: string, quality: ConnectionQuality }[] }
 *   | { type: 'screen_taken', call: string, by: string }
 *   | { type: 'media_connected', call: string }
 *   | { type: 'call_ended', call: string, reason: EndReason, duration_ms: number }
 *   | { type: 'call_left', call: string, why: LeftBecause, device?: string }
 *   | { type: 'message', message: Message }
 *   | { type: 'conversation_read', with: string, up_to: string }
 *   | { type: 'history_changed' }
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
  'resumed',
  'my_calls',
  'presence',
  'contacts_changed',
  'incoming_call',
  'ringing_stopped',
  'seat',
  'slot',
  'slot_paused',
  'layers_wanted',
  'speakers',
  'quality',
  'screen_taken',
  'media_connected',
  'call_ended',
  'call_left',
  'message',
  'conversation_read',
  'history_changed',
  'logged_out',
]);

/** The requests this client makes. */
export const REQUEST_TYPES = Object.freeze([
  'place',
  'warm',
  'accept',
  'decline',
  'cancel',
  'hang_up',
  'invite',
  'join',
  'hold',
  'unhold',
  'set_media',
  'report',
  'view',
  'stats',
  'ping',
]);

/** The replies this client acts on. */
export const REPLY_TYPES = Object.freeze(['placed', 'accepted', 'warmed', 'joined', 'stats', 'done']);

/** The device's connection was taken over by another one; RFC 6455 leaves 4000-4999 to applications. */
export const CLOSED_TAKEN_OVER = 4001;

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
