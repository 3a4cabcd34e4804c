/** Conversations: text as it is, and a voice message that is recorded, sent and played. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepPicture } from './support/browser.js';
import { useStage } from './support/stage.js';
import { until } from './support/until.js';

/** @import { Person } from './support/person.js' */

const stage = useStage({ anna: {}, boris: {} }, { flags: ['--limit-messages', '0'] });
const MARKUP = '<b onclick="alert(1)">До завтра</b> & <script>';

/** @param {Person} person @param {Person} other */
async function opensConversation(person, other) {
  await person.opens('Messages');
  await person.page.getByTitle(`Conversation with ${other.name}`).click();
  await person.page.getByRole('log', { name: `Conversation with ${other.name}` }).waitFor();
}

test('a text arrives while the other is looking elsewhere, is counted, and is shown as it was written', async () => {
  const { anna, boris } = stage.people;
  await opensConversation(anna, boris);
  await anna.page.getByRole('textbox', { name: 'Message to Boris' }).fill(MARKUP);
  await anna.page.keyboard.press('Enter');
  await boris.page.locator('[data-tab=messages] .badge', { hasText: '1' }).waitFor();
  await opensConversation(boris, anna);
  await boris.page.locator('.bubble-text', { hasText: MARKUP }).waitFor();
  await boris.page.locator('[data-tab=messages] .badge', { hasText: '1' }).waitFor({ state: 'hidden' });
});

test('a recording that is cancelled is not sent', async () => {
  const { anna, boris } = stage.people;
  await anna.button('Record a voice message').click();
  const clock = anna.page.getByRole('timer', { name: 'Recorded so far' });
  await until('the timer runs', () => clock.textContent(), (time) => time === '0:01');
  await anna.button('Cancel recording').click();
  await anna.button('Record a voice message').waitFor();
  assert.equal(await boris.page.getByRole('group', { name: /^Voice message/ }).count(), 0);
});

test('a voice message is recorded, sent, and plays on the other side', async () => {
  const { anna, boris } = stage.people;
  await anna.button('Record a voice message').click();
  const clock = anna.page.getByRole('timer', { name: 'Recorded so far' });
  await until('the timer runs', () => clock.textContent(), (time) => time === '0:02');
  await anna.button('Send voice message').click();
  for (const person of [anna, boris]) {
    const player = person.page.getByRole('group', { name: /^Voice message, 0:0[2-4]$/ });
    await player.waitFor();
    await player.getByRole('button', { name: 'Play voice message' }).click();
    const position = player.getByRole('slider', { name: 'Position in the voice message' });
    await until('it plays', () => position.inputValue(), (at) => Number(at) > 0);
    await player.getByRole('button', { name: 'Play voice message' }).waitFor();
    await keepPicture(person.page, `voice-message-${person.name.toLowerCase()}`);
  }
});

test('what came while one was away is there on return, and older pages too', async () => {
  const { anna, boris } = stage.people;
  const { url } = stage.server;
  await boris.page.goto('about:blank');
  for (let number = 1; number <= 60; number += 1) {
    await anna.page.getByRole('textbox', { name: 'Message to Boris' }).fill(`Line ${number}`);
    await anna.page.keyboard.press('Enter');
    await anna.page.locator('.bubble[data-mine]:not(.bubble-draft) .bubble-text', { hasText: new RegExp(`^Line ${number}$`) }).waitFor();
  }
  await boris.page.goto(url);
  await boris.page.locator('[data-tab=messages] .badge', { hasText: '60' }).waitFor();
  await opensConversation(boris, anna);
  await boris.sees('Line 60');
  const first = boris.page.locator('.bubble-text', { hasText: MARKUP });
  const log = boris.page.getByRole('log', { name: 'Conversation with Anna' });
  await until('the first message is reached by scrolling back', async () => {
    await log.evaluate((element) => (element.scrollTop = 0));
    return first.count();
  });
});
