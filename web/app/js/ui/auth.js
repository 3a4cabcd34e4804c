/** Logging in and making an account. */

import { codeOf } from '../api/client.js';
import { errorKey, t } from '../i18n/index.js';
import { attribute, button, h, setText } from './dom.js';
import { field } from './field.js';

/** @import { Field } from './field.js' */
/** @import { Parts } from './parts.js' */

/** @typedef {'log_in' | 'register'} Mode */

/** Which field a refusal is about. Others stand below the form. */
/** @type {Readonly<Record<string, 'phone' | 'password' | 'name'>>} */
const FIELD_OF = Object.freeze({
  malformed_phone: 'phone',
  phone_taken: 'phone',
  weak_password: 'password',
  bad_name: 'name',
});

/**
 * @param {Parts} parts
 * @param {{ thrownOut: boolean }} options
 * @returns {{ element: HTMLElement, focus: () => void }}
 */
export function authView(parts, { thrownOut }) {
  const panel = h('section', { class: 'auth-panel' });
  const element = h(
    'div',
    { class: 'auth' },
    h(
      'header',
      { class: 'auth-brand' },
      h('img', { src: '/favicon.svg', alt: '', width: 56, height: 56 }),
      h('h1', {}, t('app.name')),
      h('p', { class: 'lead' }, t('app.tagline')),
    ),
    panel,
  );
  const typed = { phone: '', name: '' };

  /**
   * @param {Mode} mode
   * @param {string} notice
   */
  const show = (mode, notice) => {
    const form = authForm(parts, mode, typed, notice);
    const other = mode === 'log_in' ? 'register' : 'log_in';
    const swap = button(t(`auth.to_${other}`), 'button-link', () => show(other, ''));
    panel.replaceChildren(form.element, swap);
    form.focus();
  };
  show('log_in', thrownOut ? t('auth.logged_out') : '');
  return { element, focus: () => panel.querySelector('input')?.focus() };
}

/**
 * @param {Parts} parts
 * @param {Mode} mode
 * @param {{ phone: string, name: string }} typed kept when the mode is changed
 * @param {string} notice
 */
function authForm({ account }, mode, typed, notice) {
  const fields = makeFields(mode, typed);
  const words = t(`auth.${mode}`);
  const failure = h('p', { class: 'form-failure', role: 'alert' }, notice);
  const submit = h('button', { type: 'submit', class: 'button button-main button-wide' }, words);
  const shown = Object.values(fields).map(({ element }) => element);
  const heading = h('h2', {}, words);
  const element = h('form', { novalidate: true }, heading, h('p', { class: 'lead' }, t(`auth.${mode}_lead`)), ...shown, failure, submit);

  const send = async () => {
    attribute(submit, 'aria-busy', 'true');
    submit.disabled = true;
    setText(failure, '');
    try {
      const values = { phone: fields.phone.input.value, password: fields.password.input.value };
      if (mode === 'register') await account.register({ ...values, name: fields.name?.input.value ?? '' });
      else await account.logIn(values);
    } catch (error) {
      refuse(fields, failure, codeOf(error));
    } finally {
      submit.disabled = false;
      attribute(submit, 'aria-busy', null);
    }
  };
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!submit.disabled && complete(fields)) send();
  });
  fields.phone.input.addEventListener('input', () => (typed.phone = fields.phone.input.value));
  fields.name?.input.addEventListener('input', () => (typed.name = fields.name?.input.value ?? ''));
  const [first] = Object.values(fields);
  return { element, focus: () => first?.input.focus() };
}

/**
 * @param {Mode} mode
 * @param {{ phone: string, name: string }} typed
 * @returns {{ name?: Field, phone: Field, password: Field }}
 */
function makeFields(mode, typed) {
  const registering = mode === 'register';
  const phone = field(
    t('auth.phone'),
    { name: 'phone', type: 'tel', autocomplete: 'username', inputmode: 'tel', value: typed.phone, required: true, placeholder: '+' },
    registering ? t('auth.phone_hint') : undefined,
  );
  const password = field(
    t('auth.password'),
    { name: 'password', type: 'password', autocomplete: registering ? 'new-password' : 'current-password', required: true },
    registering ? t('auth.password_hint') : undefined,
  );
  addReveal(password);
  if (!registering) return { phone, password };
  const name = field(t('auth.name'), { name: 'name', autocomplete: 'name', maxlength: 64, value: typed.name, required: true });
  return { name, phone, password };
}

/** @param {Field} password */
function addReveal({ element, input }) {
  const box = h('input', { type: 'checkbox' });
  box.addEventListener('change', () => (input.type = box.checked ? 'text' : 'password'));
  element.append(h('label', { class: 'check' }, box, t('auth.show_password')));
}

/** @param {Partial<Record<string, Field>>} fields */
function complete(fields) {
  const empty = Object.values(fields).filter((candidate) => candidate && candidate.input.value.trim() === '');
  for (const candidate of empty) candidate?.setError(t('error.required'));
  empty[0]?.input.focus();
  return empty.length === 0;
}

/**
 * @param {{ name?: Field, phone: Field, password: Field }} fields
 * @param {HTMLElement} failure
 * @param {string} code
 */
function refuse(fields, failure, code) {
  const name = FIELD_OF[code];
  const about = name ? fields[name] : undefined;
  if (about) {
    about.setError(t(errorKey(code)));
    about.input.focus();
  } else setText(failure, t(errorKey(code)));
}
