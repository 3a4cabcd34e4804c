/** The golden samples of the protocol, as the server's own tests read them. */

import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../src/protocol/samples/', import.meta.url);

/**
 * @param {'request' | 'server'} folder
 * @returns {{ name: string, text: string, message: any }[]}
 */
export function samples(folder) {
  const place = new URL(`${folder}/`, FOLDER);
  return readdirSync(place)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const text = readFileSync(new URL(name, place), 'utf8');
      return { name, text, message: JSON.parse(text) };
    });
}

/**
 * @param {'request' | 'server'} folder
 * @param {string} name without `.json`
 */
export function sample(folder, name) {
  const found = samples(folder).find((candidate) => candidate.name === `${name}.json`);
  if (!found) throw new Error(`no sample ${folder}/${name}`);
  return found.message;
}

/**
 * The words that a field may have.
 * @param {'call_kind' | 'track_role' | 'track_source' | 'current' | 'seat_state' | 'ring_stop' | 'end_reason' | 'left_because'
 *   | 'connection_quality'} field
 * @returns {string[]}
 */
export function words(field) {
  return JSON.parse(readFileSync(new URL('words.json', FOLDER), 'utf8'))[field];
}
