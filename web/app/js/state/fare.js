/** How the media of a call fares, as the server tells it: who speaks, whose connection is poor, which pictures are paused. Pure. */

/** @import { ServerEvent, SlotSource } from '../protocol.js' */
/** @import { Call } from './call.js' */

/** @typedef {Extract<ServerEvent, { type: 'slot_paused' | 'speakers' | 'quality' | 'screen_taken' }>} FareEvent */
/** The slots whose video the path cannot carry, by mid. @typedef {Readonly<Record<string, true>>} Paused */

/**
 * @typedef {object} Fare
 * @property {readonly string[]} speakers user ids, the loudest first
 * @property {Readonly<Record<string, 'fair' | 'poor'>>} quality of connections, by user id; of whom nothing is said, it is good
 * @property {Paused} paused
 * @property {Paused | null} nextPaused those of the media connection that is to take over, while one is being made
 * @property {string | null} screenTakenBy the user who took the sharing over from this one; until this one shares again
 */

/** @type {Readonly<Fare>} */
export const NO_FARE = Object.freeze({ speakers: [], quality: {}, paused: {}, nextPaused: null, screenTakenBy: null });

/**
 * @param {Call} call
 * @param {FareEvent} event
 * @returns {Call}
 */
export function reduceFare(call, event) {
  switch (event.type) {
    case 'slot_paused':
      return withPaused(call, event.mid, event.paused);
    case 'speakers':
      return { ...call, speakers: event.users };
    case 'quality':
      return { ...call, quality: withQualities(call.quality, event.people) };
    case 'screen_taken':
      return call.own.screen ? { ...call, screenTakenBy: event.by } : call;
    default:
      return call;
  }
}

/**
 * A slot is not paused when it gets another source.
 * @param {Call} call
 * @param {string} mid
 * @param {SlotSource | null} source
 * @returns {Call}
 */
export function withBinding(call, mid, source) {
  const before = (call.nextSlots ?? call.slots)[mid];
  const same = source !== null && before?.user === source.user && before.track === source.track;
  return same ? call : withPaused(call, mid, false);
}

/**
 * @param {Call} call
 * @param {string} user who is not there any more
 * @returns {Call}
 */
export function withoutPerson(call, user) {
  if (!call.speakers.includes(user) && !(user in call.quality)) return call;
  return {
    ...call,
    speakers: call.speakers.filter((speaker) => speaker !== user),
    quality: withQualities(call.quality, [{ user, quality: 'good' }]),
  };
}

/**
 * @param {Call} call
 * @param {string} mid
 * @param {boolean} paused
 * @returns {Call}
 */
function withPaused(call, mid, paused) {
  const before = call.nextPaused ?? call.paused;
  if (mid in before === paused) return call;
  const others = Object.entries(before).filter(([other]) => other !== mid);
  /** @type {Paused} */
  const after = Object.fromEntries(paused ? [...others, [mid, true]] : others);
  return call.nextPaused ? { ...call, nextPaused: after } : { ...call, paused: after };
}

/**
 * @param {Fare['quality']} quality
 * @param {Extract<FareEvent, { type: 'quality' }>['people']} people
 * @returns {Fare['quality']}
 */
function withQualities(quality, people) {
  const others = Object.entries(quality).filter(([user]) => !people.some((person) => person.user === user));
  const told = people.flatMap(({ user, quality: how }) => (how === 'good' ? [] : [/** @type {const} */ ([user, how])]));
  return Object.fromEntries([...others, ...told]);
}
