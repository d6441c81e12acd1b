import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { Person, SERVER_GONE } from './support/person.js';
import { wire } from './support/cut.js';
import { startServer } from './support/server.js';
import { until, untilEqual, untilMediaFlows } from './support/wait.js';

everywhereIfAsked('a cut of the wire is not the end of the call, and nothing that is said is lost or said twice', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const line = await wire(t, server.url);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(`${line.url}group/example/`, 'alice', 'wonder');
  await untilMediaFlows('bob', () => bob.media());
  await untilMediaFlows('alice', () => alice.media());
  const video = await alice.tile('bob').locator('video').elementHandle();
  const seen = await bob.tile('alice').elementHandle();
  for (const person of [bob, alice]) await person.button('Chat').click();
  const bubbles = (/** @type {Person} */ { page }) => page.getByRole('log').locator('.bub').allTextContents();
  await bob.say('before');
  await untilEqual('alice reads', () => bubbles(alice), ['before']);

  line.cut();
  await alice.page.getByText('Connection lost. Reconnecting…').first().waitFor();
  // Pictures and sound go on both ways.
  await untilMediaFlows('alice', () => alice.media());
  await untilMediaFlows('bob', () => bob.media());
  await bob.say('meanwhile');
  await alice.say('from afar');
  await untilEqual('bob does not read what cannot come', () => bubbles(bob), ['before', 'meanwhile']);
  line.mend();
  await until('alice is back', async () => await alice.page.getByText('Connection lost. Reconnecting…').count() === 0);
  for (const person of [bob, alice]) await untilEqual('all that was said is there once', () => bubbles(person), ['before', 'meanwhile', 'from afar']);
  await untilMediaFlows('alice', () => alice.media());
  await untilMediaFlows('bob', () => bob.media());
  assert.ok(await video?.evaluate((v) => v.isConnected), 'the picture of bob was never taken away');
  assert.ok(await seen?.evaluate((v) => v.isConnected), 'for bob, alice has never left');
  for (const person of [bob, alice]) await person.assertNoProblems(SERVER_GONE);
});
