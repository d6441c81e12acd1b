import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person, startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';
import { untilMediaFlows } from './support/wait.js';

test('an operator removes somebody, who is told why and may come back', async (t) => {
  const server = await startServer(t);
  const browser = await startChromium(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await untilMediaFlows('bob', () => bob.media());

  await alice.button('People').click();
  await alice.button('Menu for alice').waitFor();
  assert.equal(await alice.button('Menu for bob').count(), 0, 'only operators remove people');
  await bob.button('People').click();
  await bob.button('Menu for alice').click();
  await bob.page.getByRole('menuitem', { name: 'Remove from room…' }).click();
  await bob.page.getByRole('dialog').getByLabel('Message').fill('class is over');
  await bob.button('Remove').click();

  await alice.page.locator('.preform [role="alert"]', { hasText: 'You were removed from this room: class is over' }).waitFor();
  await bob.tile('alice').waitFor({ state: 'detached' });
  assert.equal(await alice.button('Camera').getAttribute('aria-pressed'), 'false', 'the devices are released');
  await alice.enter('alice', 'wonder');
  await bob.tile('alice').waitFor();
  for (const person of [bob, alice]) await person.assertNoProblems();
});
