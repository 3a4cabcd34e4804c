/** Logging in and out, the language, the log, and the page without a mouse. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PASSWORD } from './support/person.js';
import { useStage } from './support/stage.js';
import { namelessButtons, tabTo } from './support/access.js';

const stage = useStage({ anna: { permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'] }, boris: {} }, { befriended: false });

test('a wrong password is refused in words, and the right one lets in', async () => {
  const { boris } = stage.people;
  await boris.button('Log out').click();
  await boris.fillCredentials('not the password');
  await boris.button('Log in').click();
  await boris.sees('Wrong number or password.');
  await boris.fillCredentials(PASSWORD);
  await boris.button('Log in').click();
  await boris.untilHome();
});

test('a login survives a reload', async () => {
  const { boris } = stage.people;
  await boris.page.reload();
  await boris.untilHome();
});

test('a number nobody has and a number that is none are told apart', async () => {
  const { anna } = stage.people;
  const number = anna.page.getByLabel('Their phone number');
  await number.fill('+79009999999');
  await anna.button('Find').click();
  await anna.sees('Nobody is registered with this number.');
  await number.fill('12');
  await anna.button('Find').click();
  await anna.sees('This is not a phone number. Begin with + and the country code.');
});

test('an invitation can be withdrawn and declined, and a contact removed', async () => {
  const { anna, boris } = stage.people;
  await anna.page.getByLabel('Their phone number').fill(boris.phone);
  await anna.button('Find').click();
  await anna.button('Invite').click();
  await boris.button('Accept the invitation of Anna').waitFor();
  await anna.button('Withdraw the invitation to Boris').click();
  await boris.button('Accept the invitation of Anna').waitFor({ state: 'detached' });
  await anna.button('Invite').click();
  await boris.button('Decline the invitation of Anna').click();
  await anna.button('Withdraw the invitation to Boris').waitFor({ state: 'detached' });
  await anna.befriends(boris);
  await anna.page.getByTitle('About Boris').click();
  await anna.button('Remove from contacts').click();
  await anna.button('Remove').click();
  await anna.button('Audio call to Boris').waitFor({ state: 'detached' });
  await boris.button('Audio call to Anna').waitFor({ state: 'detached' });
  await anna.befriends(boris);
});

test('the language is switched, and remembered', async () => {
  const { boris } = stage.people;
  await boris.button('Переключить на русский язык').click();
  await boris.page.getByRole('heading', { name: 'Контакты' }).waitFor();
  await boris.page.reload();
  await boris.page.getByRole('heading', { name: 'Контакты' }).waitFor();
  assert.equal(await boris.page.locator('html').getAttribute('lang'), 'ru');
  await boris.button('Switch to English').click();
  await boris.untilHome();
});

test('the log is copied whole, without the number or the password', async () => {
  const { anna, boris } = stage.people;
  await anna.button('Logs').click();
  await anna.button('Copy all logs').click();
  await anna.sees('Copied.');
  const copied = await anna.page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /"type":"welcome"/);
  assert.ok(!copied.includes(anna.phone.slice(3)) && !copied.includes(boris.phone.slice(3)) && !copied.includes(PASSWORD));
  await anna.button('Close').click();
});

test('a call is placed, answered and ended without a mouse', async () => {
  const { anna, boris } = stage.people;
  await tabTo(anna.page, 'Audio call to Boris');
  await anna.page.keyboard.press('Enter');
  await boris.page.getByRole('dialog', { name: 'Incoming audio call' }).waitFor();
  await boris.page.keyboard.press('Escape');
  await tabTo(boris.page, 'Accept');
  await boris.page.keyboard.press('Enter');
  await anna.call('Boris').waitFor();
  await tabTo(boris.page, 'Mute microphone');
  await boris.page.keyboard.press('Space');
  await anna.page.getByRole('img', { name: 'Microphone off' }).waitFor();
  await tabTo(anna.page, 'Hang up');
  await anna.page.keyboard.press('Enter');
  await anna.page.keyboard.press('Enter');
  await anna.page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await anna.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Audio call to Boris');
  await boris.closes();
});

test('every button has a name, wherever one is', async () => {
  const { anna, boris } = stage.people;
  assert.deepEqual(await namelessButtons(anna.page), []);
  await anna.page.getByTitle('About Boris').click();
  assert.deepEqual(await namelessButtons(anna.page), []);
  await anna.button('Video call to Boris').last().click();
  await boris.button('Accept').waitFor();
  assert.deepEqual(await namelessButtons(boris.page), []);
  assert.deepEqual(await namelessButtons(anna.page), []);
  await anna.button('Hang up').click();
  await anna.closes();
  await anna.button('Log out').click();
  await anna.button('Log in').waitFor();
  assert.deepEqual(await namelessButtons(anna.page), []);
});

test('nothing was thrown and the content security policy held', () => {
  const { anna, boris } = stage.people;
  assert.deepEqual([...anna.faults, ...boris.faults], []);
});
