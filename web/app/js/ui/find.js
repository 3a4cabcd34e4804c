/** Finding a person by their exact number, and what they already are to this one. */

import { errorKey, t } from '../i18n/index.js';
import { relation } from '../state/people.js';
import { attribute, button, h, icon } from './dom.js';
import { field } from './field.js';
import { personRow } from './person_row.js';

/** @import { Relation, User } from '../state/people.js' */
/** @import { State } from '../state/state.js' */
/** @import { Account } from '../account.js' */
/** @import { Parts, StateView } from './parts.js' */

/**
 * @param {Parts} parts
 * @returns {StateView & { focus: () => void }}
 */
export function findView({ account }) {
  const number = field(t('find.label'), {
    type: 'tel',
    name: 'find',
    inputmode: 'tel',
    autocomplete: 'off',
    placeholder: '+7 900 123-45-67',
    enterkeyhint: 'search',
  });
  const submit = h('button', { type: 'submit', class: 'button button-main' }, icon('search'), t('find.button'));
  const form = h('form', { class: 'find-form', novalidate: true, role: 'search' }, number.element, submit);
  const outcome = h('div', { class: 'find-outcome', 'aria-live': 'polite' });
  const title = h('h2', {}, t('find.title'));
  const element = h('section', { class: 'card', 'aria-label': t('find.title') }, title, form, outcome);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (number.input.value.trim() === '') {
      number.setError(t('error.required'));
      number.input.focus();
    } else account.find(number.input.value);
  });

  // What was found belongs to the number that was typed, not to the one being typed.
  number.input.addEventListener('input', () => account.clearFind());
  let shown = '';
  return {
    element,
    focus: () => number.input.focus(),
    update: (state) => {
      attribute(submit, 'aria-busy', state.find.status === 'busy' ? 'true' : null);
      const about = state.find.status === 'found' ? relation(state, state.find.user.id) : null;
      const next = JSON.stringify([state.find, about]);
      if (next === shown) return;
      shown = next;
      outcome.replaceChildren(...outcomeOf(account, state, about));
    },
  };
}

/**
 * @param {Account} account
 * @param {State} state
 * @param {Relation | null} about
 * @returns {HTMLElement[]}
 */
function outcomeOf(account, { find }, about) {
  switch (find.status) {
    case 'busy':
      return [h('p', { class: 'note' }, t('find.busy'))];
    case 'failed':
      return [h('p', { class: 'field-error' }, t(errorKey(find.code)))];
    case 'found':
      return [personRow(find.user, wordsFor(about), ...actionsFor(account, find.user, about))];
    default:
      return [];
  }
}

/** @param {Relation | null} about */
function wordsFor(about) {
  return about === null || about === 'none' ? null : t(`find.${about}`);
}

/**
 * @param {Account} account
 * @param {User} user
 * @param {Relation | null} about
 */
function actionsFor(account, user, about) {
  if (about === 'none') return [button(t('find.invite'), 'button-main button-small', () => account.invite(user))];
  if (about === 'invited_you') return [button(t('invitations.accept'), 'button-main button-small', () => account.accept(user))];
  return [];
}
