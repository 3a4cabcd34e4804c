/** The ways a call ends before or without a conversation. */

import { test } from 'node:test';

import { untilSeeing } from './support/media.js';
import { Person } from './support/person.js';
import { useStage } from './support/stage.js';

const stage = useStage({ anna: {}, boris: {} });

test('a declined call says so to the caller and stops ringing', async () => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await boris.button('Decline').click();
  await boris.page.getByRole('dialog').waitFor({ state: 'detached' });
  await anna.sees('Boris declined the call');
  await anna.closes();
});

test('a call the caller takes back stops ringing and leaves word of it', async () => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Audio');
  await anna.button('Hang up').click();
  await anna.sees('Call cancelled');
  await boris.page.getByRole('dialog').waitFor({ state: 'detached' });
  await boris.sees('Anna called and hung up.');
  await anna.closes();
});

test('a call answered in one tab stops ringing in the other', async () => {
  const { anna, boris } = stage.people;
  const second = await boris.page.context().newPage();
  await second.goto(stage.server.url);
  const tab = new Person(second, boris.name, boris.phone);
  await tab.untilHome();
  await tab.words('Online').waitFor();
  await anna.calls(boris, 'Audio');
  await tab.button('Accept').waitFor();
  await boris.button('Accept').click();
  await tab.page.getByText(/^Answered on .*Linux\.$/).waitFor();
  await anna.endsCallWith(boris);
  await second.close();
});

test('somebody who reloads the page during a call has left it', async () => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  await untilSeeing(anna.page);
  const told = anna.sees('The call has ended');
  await boris.page.reload();
  await told;
  await anna.closes();
  await boris.untilHome();
  await anna.sees('Online');
});

test('somebody who closes the tab during a call is gone for the other', async () => {
  const { anna, boris } = stage.people;
  await anna.calls(boris, 'Video');
  await boris.button('Accept').click();
  await untilSeeing(anna.page);
  // A browser may leave a tab no time for a last word; then its connections say it.
  const told = anna.page.getByText(/^(The call has ended|The connection to Boris was lost)$/).waitFor();
  await boris.leaves();
  await told;
  await anna.closes();
  await anna.sees('Offline');
});

test('a call to somebody who is not there says so', async () => {
  const { anna } = stage.people;
  await anna.button('Audio call to Boris').click();
  await anna.sees('Boris cannot be reached right now');
  await anna.closes();
});
