/** One call of this device, from the click to the closing words. Pure. */

import { NO_FARE, reduceFare, withBinding, withoutPerson } from './fare.js';

/** @import { CallKind, EndReason, LeftBecause, MediaState, Person, Seat, ServerEvent, SlotSource } from '../protocol.js' */
/** @import { Fare, FareEvent } from './fare.js' */

/** @typedef {'preparing' | 'connecting' | 'waiting' | 'active' | 'ended'} Phase */
/** @typedef {'refused' | 'missing' | 'in_use' | 'insecure' | 'failed'} DeviceProblem */
/** @typedef {{ microphone: DeviceProblem | null, camera: DeviceProblem | null }} DeviceProblems */
/**
 * @typedef {EndReason | 'own_connection_lost' | 'not_placed' | 'media_failed' | 'unsupported'
 *   | 'moved' | 'took_another' | 'left_lost'} OwnEndReason
 */
/** @typedef {{ reason: OwnEndReason | null, code: string | null, durationMs: number, device: string | null }} Ending */
/**
 * @typedef {Extract<ServerEvent, { type: 'seat' | 'slot' | 'media_connected' | 'call_ended' | 'call_left' }> | FareEvent} CallEvent
 */
/** What each receiving m-line carries, by mid. @typedef {Readonly<Record<string, SlotSource>>} Slots */

/**
 * Media connects in well under a second. A call that the others end after this long without it did not end by their wish:
 * their devices gave up waiting a moment before this one.
 */
const WITHOUT_MEDIA_MS = 5000;

/** @type {Readonly<Record<LeftBecause, OwnEndReason>>} */
const LEFT = Object.freeze({ moved: 'moved', took_another: 'took_another', connection_lost: 'left_lost' });

/**
 * @typedef {Fare & Core} Call
 */

/**
 * @typedef {object} Core
 * @property {number} key tells one call from the next before the server has named it
 * @property {string | null} id the server's name for it
 * @property {'outgoing' | 'incoming' | 'joined'} direction
 * @property {CallKind} kind
 * @property {string} me
 * @property {Person[]} people the others, as they were called or came in later
 * @property {Phase} phase
 * @property {Seat[]} seats everyone else's, in the order the server told them
 * @property {Slots} slots
 * @property {Slots | null} nextSlots those of the media connection that is to take over, while one is being made
 * @property {CallEvent[]} early what the server told before its reply
 * @property {'new' | 'up' | 'interrupted' | 'lost'} media lost: the server knows nothing of it, and it has to be connected anew
 * @property {boolean} held by this user
 * @property {number | null} answeredAt when the first of the others was active
 * @property {number | null} startedAt when this device's media was connected besides: from then on one can speak
 * @property {MediaState} own what the others hear and see of this device
 * @property {DeviceProblems} problems
 * @property {Ending | null} ending
 */

/**
 * @typedef {Pick<Call, 'key' | 'id' | 'direction' | 'kind' | 'me' | 'people'> & { type: 'call_started' }} CallStarted
 */

/**
 * @typedef {CallStarted
 *   | { type: 'call_offered', key: number }
 *   | { type: 'call_joined', key: number, id: string, seats: Seat[], now: number, answeredAt?: number }
 *   | { type: 'call_renewing', key: number, on: boolean }
 *   | { type: 'call_held', key: number, held: boolean }
 *   | { type: 'call_own_media', key: number, own: Call['own'], problems: DeviceProblems }
 *   | { type: 'call_media', key: number, media: Call['media'], now: number }
 *   | { type: 'call_over', key: number, reason: OwnEndReason | null, code?: string | null, now: number }
 *   | { type: 'call_dismissed', key: number }
 *   | { type: 'call_event', event: CallEvent, now: number }} CallAction
 */

/**
 * @param {Call | null} call
 * @param {CallAction} action
 * @returns {Call | null}
 */
export function reduceCall(call, action) {
  if (action.type === 'call_started') return started(action);
  if (!call) return null;
  if (action.type === 'call_event') return reduceCallEvent(call, action.event, action.now);
  if (action.key !== call.key) return call;
  switch (action.type) {
    case 'call_offered':
      return call.phase === 'preparing' ? { ...call, phase: 'connecting' } : call;
    case 'call_joined':
      return joined(call, action);
    case 'call_renewing':
      return renewing(call, action.on);
    case 'call_held':
      return call.held === action.held ? call : { ...call, held: action.held };
    case 'call_own_media':
      return { ...call, own: action.own, problems: action.problems, screenTakenBy: action.own.screen ? null : call.screenTakenBy };
    case 'call_media':
      return withMedia(call, action.media, action.now);
    case 'call_over':
      return over(call, { reason: action.reason, code: action.code ?? null, durationMs: lasted(call, action.now), device: null });
    case 'call_dismissed':
      return null;
    default:
      return call;
  }
}

/**
 * @param {Call | null} call
 * @returns {call is Call} whether it still occupies this device
 */
export function isRunning(call) {
  return call !== null && call.phase !== 'ended';
}

/**
 * @param {Pick<Seat, 'state'>} seat
 * @returns {boolean} whether the person takes part, were it at a distance
 */
export function isPresent({ state }) {
  return state === 'active' || state === 'held' || state === 'reconnecting';
}

/**
 * @param {Pick<Seat, 'state'>} seat
 * @returns {boolean} whether the person is being called
 */
export function isCalled({ state }) {
  return state === 'invited' || state === 'ringing';
}

/**
 * What an outgoing call is doing until somebody answers: ringing as soon as one device rings.
 * @param {Call} call
 * @returns {'calling' | 'ringing'}
 */
export function waitingFor(call) {
  return call.seats.some((seat) => seat.state === 'ringing') ? 'ringing' : 'calling';
}

/**
 * The receiving m-line that carries a source of `user`.
 * @param {Call} call
 * @param {string} user
 * @param {SlotSource['track']} track
 * @returns {string | null}
 */
export function slotOf(call, user, track) {
  for (const [mid, source] of Object.entries(call.slots)) {
    if (source.user === user && source.track === track) return mid;
  }
  return null;
}

/** @param {CallStarted} action @returns {Call} */
function started({ key, id, direction, kind, me, people }) {
  return {
    ...NO_FARE,
    key,
    id,
    direction,
    kind,
    me,
    people,
    phase: 'preparing',
    seats: [],
    slots: {},
    nextSlots: null,
    early: [],
    media: 'new',
    held: false,
    answeredAt: null,
    startedAt: null,
    own: { microphone: false, camera: false, screen: false },
    problems: { microphone: null, camera: null },
    ending: null,
  };
}

/**
 * The server tells a new media connection all there is to tell, beginning before its reply.
 * @param {Call} call
 * @param {boolean} on
 * @returns {Call}
 */
function renewing(call, on) {
  if (on) return { ...call, ...NO_FARE, screenTakenBy: call.screenTakenBy, paused: call.paused, nextSlots: {}, nextPaused: {} };
  const slots = { ...call.slots, ...call.nextSlots };
  return { ...call, slots, paused: { ...call.paused, ...call.nextPaused }, nextSlots: null, nextPaused: null };
}

/**
 * @param {Call} call
 * @param {Extract<CallAction, { type: 'call_joined' }>} action
 * @returns {Call}
 */
function joined(call, { id, seats, now, answeredAt }) {
  if (call.phase === 'ended') return call;
  const others = seats.filter((seat) => seat.person.id !== call.me);
  const { early } = call;
  const slots = call.nextSlots ?? call.slots;
  /** @type {Call} */
  const seated = { ...call, id, seats: others, slots, paused: call.nextPaused ?? call.paused, nextSlots: null, nextPaused: null, early: [], phase: 'waiting', answeredAt: call.answeredAt ?? answeredAt ?? null };
  const settled = settle(withPeople(seated), now);
  return early.reduce((before, event) => reduceCallEvent(before, event, now), settled);
}

/**
 * @param {Call} call
 * @param {CallEvent} event
 * @param {number} now
 * @returns {Call}
 */
function reduceCallEvent(call, event, now) {
  if (call.phase === 'ended') return call;
  // Before the reply names the call, whatever is told of a call this device does not know can only be about this one.
  if (call.phase === 'preparing' || call.phase === 'connecting') {
    return call.id === null || call.id === event.call ? { ...call, early: [...call.early, event] } : call;
  }
  if (event.call !== call.id) return call;
  switch (event.type) {
    case 'seat':
      if (event.seat.person.id === call.me) return call;
      return settle(withPeople(withoutAbsent({ ...call, seats: withSeat(call.seats, event.seat) }, event.seat)), now);
    case 'slot': {
      const bound = withBinding(call, event.mid, event.source);
      if (bound.nextSlots) return { ...bound, nextSlots: withSlot(bound.nextSlots, event.mid, event.source) };
      return { ...bound, slots: withSlot(bound.slots, event.mid, event.source) };
    }
    case 'media_connected':
      return withMedia(call, 'up', now);
    case 'call_ended':
      return over(call, {
        reason: gaveUp(call, event.reason, now) ? 'media_failed' : event.reason,
        code: null,
        durationMs: event.duration_ms,
        device: null,
      });
    case 'call_left':
      return over(call, { reason: LEFT[event.why], code: null, durationMs: lasted(call, now), device: event.device ?? null });
    default:
      return reduceFare(call, event);
  }
}

/**
 * @param {Call} call
 * @param {number} now
 * @returns {Call}
 */
function settle(call, now) {
  if (!call.seats.some(isPresent)) return call;
  const answeredAt = call.answeredAt ?? now;
  // One who comes in later is told how long the others have been speaking.
  const startedAt = call.media === 'new' ? null : call.direction === 'joined' ? answeredAt : now;
  return { ...call, phase: 'active', answeredAt, startedAt: call.startedAt ?? startedAt };
}

/**
 * @param {Call} call
 * @param {Call['media']} media
 * @param {number} now
 * @returns {Call}
 */
function withMedia(call, media, now) {
  return call.media === media || call.phase === 'ended' ? call : settle({ ...call, media }, now);
}

/**
 * @param {Call} call
 * @param {EndReason} reason
 * @param {number} now
 * @returns {boolean} whether the call was given up for want of media
 */
function gaveUp({ media, answeredAt }, reason, now) {
  const left = reason === 'hung_up' || reason === 'connection_lost';
  return left && media === 'new' && answeredAt !== null && now - answeredAt >= WITHOUT_MEDIA_MS;
}

/**
 * @param {Call} call
 * @param {Ending} ending
 * @returns {Call}
 */
function over(call, ending) {
  return call.phase === 'ended' ? call : { ...call, ...NO_FARE, phase: 'ended', slots: {}, nextSlots: null, early: [], ending };
}

/**
 * @param {Call} call
 * @param {number} now
 */
function lasted(call, now) {
  return call.startedAt === null ? 0 : Math.max(0, now - call.startedAt);
}

/**
 * Whoever gets a seat is from then on one of the people of the call.
 * @param {Call} call
 * @returns {Call}
 */
function withPeople(call) {
  const came = call.seats.filter(({ person }) => !call.people.some(({ id }) => id === person.id));
  return came.length === 0 ? call : { ...call, people: [...call.people, ...came.map(({ person }) => person)] };
}

/**
 * @param {Call} call
 * @param {Seat} seat
 * @returns {Call}
 */
function withoutAbsent(call, seat) {
  return isPresent(seat) ? call : withoutPerson(call, seat.person.id);
}

/**
 * @param {Seat[]} seats
 * @param {Seat} seat
 * @returns {Seat[]}
 */
function withSeat(seats, seat) {
  const known = seats.some(({ person }) => person.id === seat.person.id);
  return known ? seats.map((old) => (old.person.id === seat.person.id ? seat : old)) : [...seats, seat];
}

/**
 * @param {Slots} slots
 * @param {string} mid
 * @param {SlotSource | null} source
 * @returns {Record<string, SlotSource>}
 */
function withSlot(slots, mid, source) {
  const others = Object.entries(slots).filter(([other]) => other !== mid);
  return Object.fromEntries(source ? [...others, [mid, source]] : others);
}
