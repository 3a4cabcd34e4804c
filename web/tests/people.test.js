import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asKnown, filtered, inOrder, shownName, toggleAll } from '../app/js/state/people.js';

/** @import { Contact } from '../app/js/state/people.js' */

/** @type {Contact[]} */
const CONTACTS = [
  { id: 'b', name: 'Борис', phone: '+79007654321', labels: ['family'] },
  { id: 'c', name: 'Clara', phone: '+442071838750', own_name: 'Артём’s aunt', labels: ['family', 'work'] },
  { id: 'd', name: 'Dmitri', phone: '+12025550123', labels: [], blocked: true },
];
/** @param {string} text @param {string | null} [label] */
const found = (text, label = null) => filtered(CONTACTS, { text, label }).map(({ id }) => id);

test('a contact is found by part of either name in any case, and by digits of the number', () => {
  assert.deepEqual(found(''), ['b', 'c', 'd']);
  assert.deepEqual(found('бОР'), ['b']);
  assert.deepEqual(found('clar'), ['c']);
  assert.deepEqual(found('артем'), ['c']);
  assert.deepEqual(found('8 (202) 55'), []);
  assert.deepEqual(found('202-555'), ['d']);
  assert.deepEqual(found('nobody'), []);
});

test('a label and a text narrow the list together', () => {
  assert.deepEqual(found('', 'family'), ['b', 'c']);
  assert.deepEqual(found('clara', 'family'), ['c']);
  assert.deepEqual(found('', 'gone'), []);
});

test('the name given to a contact is shown everywhere, and the own name of everybody else', () => {
  const people = { contacts: CONTACTS, incoming: [], outgoing: [] };
  assert.equal(shownName(CONTACTS[0] ?? { id: '', name: '' }), 'Борис');
  assert.equal(asKnown({ people }, { id: 'c', name: 'Clara' }).name, 'Артём’s aunt');
  assert.equal(asKnown({ people }, { id: 'z', name: 'Zoe' }).name, 'Zoe');
  assert.equal(asKnown({ people: null }, { id: 'c', name: 'Clara' }).name, 'Clara');
});

test('contacts stand in the order of the names they are shown by', () => {
  assert.deepEqual(inOrder(CONTACTS.map((contact) => ({ ...contact, own_name: { b: 'Y', c: 'Z', d: 'X' }[contact.id] ?? null }))).map(({ id }) => id), ['d', 'b', 'c']);
});

test('a label chooses everybody who bears it, and pressed again nobody of them', () => {
  const some = toggleAll(new Set(['b']), ['b', 'c']);
  assert.deepEqual([...some].sort(), ['b', 'c']);
  assert.deepEqual([...toggleAll(new Set([...some, 'd']), ['b', 'c'])], ['d']);
  assert.deepEqual([...toggleAll(new Set(['d']), [])], ['d']);
});
