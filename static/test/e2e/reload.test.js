import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { Person, SERVER_GONE } from './support/person.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

/**
 * @param {import('node:test').TestContext} t
 * @param {import('./support/browsers.js').Start} start
 */
async function call(t, start) {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await untilMediaFlows('bob', () => bob.media());
  await untilMediaFlows('alice', () => alice.media());
  return { server, bob, alice };
}

everywhereIfAsked('after a reload name and devices are there, and the call goes on', async (t, start) => {
  const { bob, alice } = await call(t, start);
  await alice.page.reload();
  assert.equal(await alice.page.getByLabel('Your name').inputValue(), 'alice');
  await bob.tile('alice').waitFor({ state: 'detached' });
  for (const device of ['Microphone', 'Camera']) await alice.page.locator(`button[aria-label="${device}"][aria-pressed="true"]`).waitFor();
  await alice.enter('alice', 'wonder');
  await untilMediaFlows('alice', () => alice.media());
  await untilMediaFlows('bob', () => bob.media());
  assert.equal(await bob.tile('alice').count(), 1);
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('a server that ends and starts again is found by itself', async (t, start) => {
  const { server, bob, alice } = await call(t, start);
  await bob.button('Hand').click();
  await alice.page.getByRole('group', { name: /^bob, .*Hand raised/ }).waitFor();
  for (const signal of /** @type {const} */ (['SIGKILL', 'SIGTERM'])) {
    await t.test(`that ends by ${signal}`, async () => {
      await server.stop(signal);
      for (const person of [bob, alice]) await person.page.getByText('Connection lost. Reconnecting…').first().waitFor();
      assert.equal(await alice.tile('bob').count(), 1, 'the last picture stays');
      await server.start();
      await Promise.all([untilMediaFlows('bob', () => bob.media()), untilMediaFlows('alice', () => alice.media())]);
      await alice.page.getByRole('group', { name: /^bob, .*Hand raised/ }).waitFor();
      await until('nobody is there twice', async () => await alice.page.locator('.tile').count() === 2);
      for (const person of [bob, alice]) await until('the loss is told no more', async () => await person.page.getByText('Connection lost. Reconnecting…').count() === 0);
    });
  }
  for (const person of [bob, alice]) await person.assertNoProblems(SERVER_GONE);
});
