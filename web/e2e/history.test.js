/** The history of calls: what it says, what was missed, and calling back from it. */

import { test } from 'node:test';

import { keepPicture } from './support/browser.js';
import { untilHearing, untilSeeing } from './support/media.js';
import { useStage } from './support/stage.js';

const stage = useStage({ anna: {}, boris: {} });

test('a call that was missed is counted until it is looked at', async () => {
  const { anna, boris } = stage.people;
  const badge = boris.page.locator('[data-tab=calls] .badge', { hasText: '1' });
  await anna.calls(boris, 'Audio');
  await anna.button('Hang up').click();
  await anna.closes();
  await badge.waitFor();
  await boris.opens('Calls');
  await boris.page.locator('li.past[data-outcome=missed][data-direction=incoming]').waitFor();
  await badge.waitFor({ state: 'hidden' });
  await boris.page.reload();
  await boris.untilHome();
  await boris.opens('Calls');
  await boris.page.locator('li.past').waitFor();
  await badge.waitFor({ state: 'hidden' });
});

test('it is called back from there', async () => {
  const { anna, boris } = stage.people;
  await boris.button('Call back Anna').click();
  await anna.button('Accept').click();
  await untilHearing(boris.page);
  await anna.endsCallWith(boris);
  await boris.page.locator('li.past[data-outcome=talked][data-direction=outgoing]').waitFor();
  await anna.opens('Calls');
  await anna.page.locator('li.past[data-outcome=talked][data-direction=incoming]').waitFor();
  await anna.page.locator('li.past[data-outcome=cancelled][data-direction=outgoing]').waitFor();
});

test('a call tells how it was heard', async () => {
  const { anna, boris } = stage.people;
  await anna.opens('Contacts');
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  for (const { page } of [anna, boris]) await untilSeeing(page);
  await anna.endsCallWith(boris);
  await boris.opens('Calls');
  await boris.page.getByTitle('About the call with Anna').first().click();
  const details = boris.page.getByRole('dialog', { name: 'About the call with Anna' });
  await details.locator('.quality', { hasText: /MOS \d\.\d/ }).first().waitFor();
  await keepPicture(boris.page, 'history-details');
});
