/** Whom a call shows, and how: pictures, names and marks, from the state alone. Pure. */

import { isCalled, isPresent, slotOf } from './call.js';

/** @import { Person, Seat, SeatState } from '../protocol.js' */
/** @import { Call } from './call.js' */

/**
 * @typedef {object} Tile
 * @property {string} key
 * @property {Person} person
 * @property {'person' | 'screen'} shows
 * @property {boolean} there whether the person takes part at this moment
 * @property {boolean} on whether there is a picture to be had
 * @property {string | null} mid the slot with the picture; `null` shows the avatar
 * @property {boolean} muted
 * @property {boolean} speaking
 * @property {'fair' | 'poor' | null} quality of the person's connection, where it is not good
 * @property {boolean} paused the picture is not sent, because the way to this device cannot carry it
 * @property {SeatState | null} state why somebody is not there, where that is worth saying
 * @property {number} ringingOn on how many devices it rings there
 */

/** What is said of oneself. @typedef {{ muted: boolean, speaking: boolean, quality: Tile['quality'] }} OwnMarks */

/**
 * @param {Call} call
 * @returns {Tile[]} a shared screen first
 */
export function tilesOf(call) {
  const seated = call.seats.filter((seat) => call.phase === 'ended' || isThere(seat));
  if (seated.length === 0 || call.phase === 'ended') return call.people.map((person) => absent(person, call));
  return [...seated.flatMap((seat) => screenOf(call, seat)), ...seated.map((seat) => personOf(call, seat))];
}

/**
 * @param {Call} call
 * @returns {OwnMarks}
 */
export function ownMarks(call) {
  return { muted: call.phase === 'active' && !call.own.microphone, ...faring(call, call.me, true) };
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
    there: active,
    muted: active && !media.microphone,
    ...pictured(call, person, 'camera', active && media.camera),
    ...faring(call, person.id, active),
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
  if (state !== 'active' || !media.screen) return [];
  return [{ ...plain(person), key: `${person.id} screen`, shows: 'screen', there: true, ...pictured(call, person, 'screen', true) }];
}

/**
 * @param {Call} call
 * @param {Person} person
 * @param {'camera' | 'screen'} track
 * @param {boolean} on
 */
function pictured(call, person, track, on) {
  const mid = on ? slotOf(call, person.id, track) : null;
  return { on, mid, paused: mid !== null && call.paused[mid] === true };
}

/**
 * @param {Call} call
 * @param {string} user
 * @param {boolean} active
 */
function faring(call, user, active) {
  return { speaking: active && !call.held && call.speakers.includes(user), quality: (active && call.quality[user]) || null };
}

/**
 * @param {Person} person
 * @param {Call} call
 * @returns {Tile}
 */
function absent(person, call) {
  const seat = call.seats.find((candidate) => candidate.person.id === person.id);
  const state = call.people.length > 1 && seat && seat.state !== 'active' ? seat.state : null;
  return { ...plain(person), state };
}

/**
 * @param {Person} person
 * @returns {Tile}
 */
function plain(person) {
  return {
    key: person.id,
    person,
    shows: 'person',
    there: false,
    on: false,
    mid: null,
    muted: false,
    speaking: false,
    quality: null,
    paused: false,
    state: null,
    ringingOn: 0,
  };
}
