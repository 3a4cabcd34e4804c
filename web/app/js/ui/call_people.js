/** Everyone with a seat in the call and where it stands, and a way to ask more people in. */

import { t } from '../i18n/index.js';
import { isCalled, isPresent } from '../state/call.js';
import { asKnown } from '../state/people.js';
import { seatWords } from '../state/words.js';
import { avatar } from './avatar.js';
import { chooseToAdd } from './chooser.js';
import { openDialog } from './dialog.js';
import { attribute, button, h, icon, iconButton, keyedChildren, setText } from './dom.js';

/** @import { Seat } from '../protocol.js' */
/** @import { State } from '../state/state.js' */
/** @import { Parts } from './parts.js' */

/** @param {Parts} parts */
export function openPeople(parts) {
  const { store, calls } = parts;
  const first = store.state.call;
  if (!first) return;
  const list = h('ul', { class: 'seats', 'aria-label': t('call.people') });
  const show = keyedChildren(list, (/** @type {Seat} */ { person }) => person.id, seatRow);
  const add = button('', 'button-main button-wide', () => {
    dialog.close();
    chooseToAdd(parts, (user) => !isSeated(store.state, user));
  });
  add.append(icon('add-person'), t('call.add_people'));
  const content = h(
    'div',
    { class: 'sheet sheet-start' },
    iconButton('close', t('app.close'), 'sheet-close', () => dialog.close()),
    h('h2', {}, t('call.people')),
    list,
    add,
  );
  const dialog = openDialog(t('call.people'), content);
  /** @param {State} state */
  const update = ({ call }) => {
    if (call?.key !== first.key || call.phase === 'ended') dialog.close();
    else show(call.seats);
  };
  update(store.state);
  dialog.addEventListener('close', store.subscribe(update));

  /** @param {Seat} seat */
  function seatRow({ person }) {
    const { name } = asKnown(store.state, person);
    const state = h('span', { class: 'row-note' });
    const again = button(t('call.ring_again'), 'button-quiet button-small', () => calls.invite([person]), {
      'aria-label': t('call.ring_again_label', { name }),
    });
    const row = h(
      'li',
      { class: 'row' },
      avatar({ id: person.id, name }, 'small'),
      h('span', { class: 'row-text' }, h('span', { class: 'row-name' }, name), state),
      again,
    );
    return {
      element: row,
      update: (/** @type {Seat} */ seat) => {
        const { key, values } = seatWords(seat.state, seat.ringing_on ?? 0);
        attribute(row, 'data-seat', seat.state);
        setText(state, t(key, values));
        const isContact = store.state.people?.contacts.some(({ id }) => id === person.id);
        again.hidden = isPresent(seat) || isCalled(seat) || !isContact;
      },
    };
  }
}

/**
 * @param {State} state
 * @param {string} user
 * @returns {boolean} whether they take part or are being called
 */
function isSeated({ call }, user) {
  const seat = call?.seats.find(({ person }) => person.id === user);
  return seat !== undefined && (isPresent(seat) || isCalled(seat));
}
