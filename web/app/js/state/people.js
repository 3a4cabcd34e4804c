/** The people one knows, by which names, and how some of them are chosen out of all. Pure. */

/** @import { Person } from '../protocol.js' */
/** @import { State } from './state.js' */

/** @typedef {{ id: string, phone: string, name: string }} User */
/** @typedef {{ id: string, name: string }} Label */
/**
 * @typedef {User & { own_name?: string | null, labels?: string[], blocked?: boolean }} Contact `own_name` is what I call them,
 *   `labels` are ids
 */
/** @typedef {{ contacts: Contact[], incoming: User[], outgoing: User[], labels?: Label[] }} People */
/** @typedef {'none' | 'self' | 'contact' | 'invited' | 'invited_you'} Relation */

/**
 * What `user` is to the person logged in, as the lists say at this moment.
 * @param {State} state
 * @param {string} user
 * @returns {Relation}
 */
export function relation(state, user) {
  if (state.me?.id === user) return 'self';
  if (state.people?.contacts.some(({ id }) => id === user)) return 'contact';
  if (state.people?.outgoing.some(({ id }) => id === user)) return 'invited';
  if (state.people?.incoming.some(({ id }) => id === user)) return 'invited_you';
  return 'none';
}

/**
 * @param {Person & { own_name?: string | null | undefined }} person
 * @returns {string} the name given to a contact, or else their own
 */
export function shownName({ own_name: ownName, name }) {
  return ownName ? ownName : name;
}

/**
 * @template {Person} Somebody
 * @param {Pick<State, 'people'>} state
 * @param {Somebody} person as others name them
 * @returns {Somebody} as this user names them
 */
export function asKnown({ people }, person) {
  const contact = people?.contacts.find(({ id }) => id === person.id);
  return contact?.own_name ? { ...person, name: contact.own_name } : person;
}

/**
 * @param {Pick<State, 'people'>} state
 * @param {string} id
 * @returns {string} the name a contact goes by; empty for anybody else
 */
export function nameOfContact({ people }, id) {
  return people?.contacts.find((contact) => contact.id === id)?.name ?? '';
}

/**
 * By name: an order that stays while people come and go, so that nobody calls the wrong one.
 * @param {readonly Contact[]} contacts
 * @returns {Contact[]}
 */
export function inOrder(contacts) {
  return [...contacts].sort((one, other) => shownName(one).localeCompare(shownName(other)) || one.id.localeCompare(other.id));
}

/**
 * @param {readonly Contact[]} contacts
 * @param {{ text: string, label: string | null }} filter part of a name or number; the id of a label
 * @returns {Contact[]}
 */
export function filtered(contacts, { text, label }) {
  const wanted = fold(text.trim());
  const digits = text.replace(/\D/g, '');
  const isNumber = digits !== '' && /^[\d\s()+.-]+$/.test(text);
  return contacts.filter((contact) => {
    if (label !== null && !contact.labels?.includes(label)) return false;
    if (wanted === '') return true;
    const { name, own_name: ownName, phone } = contact;
    return fold(name).includes(wanted) || fold(ownName ?? '').includes(wanted) || (isNumber && phone.includes(digits));
  });
}

/**
 * Choosing several people out of all: a label stands for everybody who bears it.
 * @param {ReadonlySet<string>} chosen
 * @param {readonly string[]} ids
 * @returns {Set<string>} with all of them, or without them where all were in it
 */
export function toggleAll(chosen, ids) {
  const next = new Set(chosen);
  const all = ids.length > 0 && ids.every((id) => chosen.has(id));
  for (const id of ids) {
    if (all) next.delete(id);
    else next.add(id);
  }
  return next;
}

/** Letters alike however they are typed: case, and the two spellings of Russian ё. @param {string} text */
function fold(text) {
  return text.toLocaleLowerCase().replaceAll('ё', 'е');
}
