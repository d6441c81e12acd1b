// The focus stays in the page when what had it goes.

import { everywhereIfAsked } from './support/browsers.js';
import { assertFocused, choose } from './support/keys.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';

everywhereIfAsked('whoever leaves, or whatever is deleted, takes no focus along', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  const { page } = bob;
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  const tile = bob.tile('alice');
  const row = bob.button('Menu for alice');
  const list = page.locator('.list');
  const leave = async () => {
    await alice.button('Leave').click();
    await tile.waitFor({ state: 'detached' });
  };
  const comeBack = async () => {
    await alice.button('Rejoin').click();
    await tile.waitFor();
  };

  await tile.focus();
  await leave();
  await assertFocused(page.locator('main'), 'tile');

  await comeBack();
  await bob.button('People').click();
  await row.focus();
  await leave();
  await assertFocused(list, 'row');

  await comeBack();
  await row.press('Enter');
  await page.getByRole('menuitem').first().waitFor();
  await leave();
  await assertFocused(list, 'menu of a row');

  await comeBack();
  await choose(bob, row, 'Remove from room…');
  await page.getByRole('dialog').waitFor();
  await leave();
  await page.keyboard.press('Escape');
  await assertFocused(list, 'dialog about somebody');

  await page.getByRole('tab', { name: 'Chat' }).click();
  await bob.say('one');
  await choose(bob, bob.button('Menu for the message of bob'), 'Delete message');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await page.getByText('No messages yet').waitFor();
  await assertFocused(page.getByRole('log'), 'message');
  for (const person of [bob, alice]) await person.assertNoProblems();
});
