import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person, startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';

test('what is said reaches everybody, also those who come later', async (t) => {
  const server = await startServer(t);
  const browser = await startChromium(t);
  const [bob, alice, carol] = [await Person.arrive(browser), await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });

  await bob.button('Chat').click();
  await bob.say('Slides: https://example.org/waves.pdf.');
  await bob.say('<b>plain</b> & simple');
  await bob.say('/me waves');
  await alice.page.locator('.badge:not(.quiet)', { hasText: '3' }).waitFor();
  await alice.button('Chat').click();
  await alice.page.locator('.badge:not(.quiet)').waitFor({ state: 'detached' });
  const log = alice.page.getByRole('log');
  await log.getByText('<b>plain</b> & simple').waitFor();
  await log.getByText('bob waves').waitFor();
  const link = log.getByRole('link', { name: 'https://example.org/waves.pdf' });
  assert.deepEqual([await link.getAttribute('href'), await link.getAttribute('rel')], ['https://example.org/waves.pdf', 'noopener noreferrer']);

  await alice.say('thank you');
  await bob.page.getByRole('log').getByText('thank you').waitFor();
  await alice.page.locator('.own .bub', { hasText: 'thank you' }).waitFor();

  await t.test('a watcher reads the history and cannot write', async () => {
    await carol.join(server.group('example'), 'carol', 'quiet', { devices: false });
    await carol.button('Chat').click();
    await carol.page.getByRole('log').getByText('thank you').waitFor();
    assert.equal(await carol.page.getByRole('log').locator('.bub, .third').count(), 4);
    await carol.page.getByText('You cannot write in this room.').waitFor();
    await carol.page.getByText('Watching only').waitFor();
    assert.equal(await carol.button('Camera').count(), 0);
  });

  await t.test('a raised hand is seen by the others', async () => {
    await alice.button('Hand').click();
    await bob.button('People').click();
    await bob.page.getByRole('region', { name: 'Hands' }).getByText('alice').waitFor();
    await alice.button('Hand').click();
    await bob.page.getByRole('region', { name: 'Hands' }).waitFor({ state: 'detached' });
  });

  for (const person of [bob, alice, carol]) await person.assertNoProblems();
});
