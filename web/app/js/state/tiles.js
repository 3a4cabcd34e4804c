/** Whom a call shows, and how: pictures, names and marks, from the state alone. Pure. */

import { isCalled, isPresent, slotOf } from './call.js';

/** @import { Person, Seat, SeatState } from '../protocol.js' */
/** @import { Call } from './call.js' */

/**
 * @typedef {object} Tile
 * @property {string} key
 * @property {Person} person
 * @property {'person' | 'screen'} shows
 * @property {string | null} mid the slot with the picture; `null` shows the avatar
 * @property {boolean} muted
 * @property {SeatState | null} state why somebody is not there, where that is worth saying
 * @property {number} ringingOn on how many devices it rings there
 */

/**
 * @param {Call} call
 * @returns {Tile[]}
 */
export function tilesOf(call) {
  const seated = call.seats.filter((seat) => call.phase === 'ended' || isThere(seat));
  if (seated.length === 0 || call.phase === 'ended') return call.people.map((person) => absent(person, call));
  return seated.flatMap((seat) => [...screenOf(call, seat), personOf(call, seat)]);
}

/** @param {{ state: SeatState }} seat */
function isThere({ state }) {
  return isPresent({ state }) || isCalled({ state });
}

/**
 * @param {Call} call
 * @param {Seat} seat
 * @returns {Tile}
 */
function personOf(call, { person, state, media, ringing_on: ringingOn = 0 }) {
  const active = state === 'active';
  const said = call.people.length > 1 || isPresent({ state });
  return {
    key: person.id,
    person,
    shows: 'person',
    mid: active && media.camera ? slotOf(call, person.id, 'camera') : null,
    muted: active && !media.microphone,
    state: active || !said ? null : state,
    ringingOn,
  };
}

/**
 * @param {Call} call
 * @param {Seat} seat
 * @returns {Tile[]}
 */
function screenOf(call, { person, state, media }) {
  const mid = state === 'active' && media.screen ? slotOf(call, person.id, 'screen') : null;
  return mid === null ? [] : [{ key: `${person.id} screen`, person, shows: 'screen', mid, muted: false, state: null, ringingOn: 0 }];
}

/**
 * @param {Person} person
 * @param {Call} call
 * @returns {Tile}
 */
function absent(person, call) {
  const seat = call.seats.find((candidate) => candidate.person.id === person.id);
  const state = call.people.length > 1 && seat && seat.state !== 'active' ? seat.state : null;
  return { key: person.id, person, shows: 'person', mid: null, muted: false, state, ringingOn: 0 };
}
