import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhereIfAsked } from './support/browsers.js';
import { startFirefox } from './support/firefox.js';
import { Person, SERVER_GONE } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

/** Voices are listened to. */
const VOICES = { activityDetection: true };

/** Runs in the page: something that a reload would take away. */
function mark() {
  Object.assign(globalThis, { neverReloaded: true });
}

/** Runs in the page: the width of each other person's picture, and how far it has played, in seconds. */
function pictures() {
  return [...document.querySelectorAll('.tile:not(.me) video')].map((v) => ({
    width: /** @type {HTMLVideoElement} */ (v).videoWidth, time: /** @type {HTMLVideoElement} */ (v).currentTime,
  }));
}

/** Runs in the page: whether it says that it has lost the server. */
function lost() {
  return document.querySelector('.banner')?.textContent?.includes('Connection lost. Reconnecting…') ?? false;
}

/** Runs in the page: whether our own picture and that of the other are measured, and the other is heard. */
async function watches() {
  const { measured } = await import(/** @type {any} */ ('/app/measuring.js'));
  const { speakers, streams } = await import(/** @type {any} */ ('/app/store.js'));
  const all = [...measured.value.values()].map((m) => m.sample);
  const other = [...streams.value.values()][0];
  return all.length === 2 && all.some((s) => s.sent.length > 0) && all.some((s) => s.received.length > 0) && speakers.value.has(other?.source);
}

test('Firefox and Chromium find a server that has ended and started again, twice, and each other', async (t) => {
  const server = await startServer(t);
  const alice = await Person.arrive(await startChromium(t), { settings: VOICES });
  const bob = await Person.arrive(await startFirefox(t), { settings: VOICES });
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  const flows = () => Promise.all([untilMediaFlows('bob', () => bob.media()), untilMediaFlows('alice', () => alice.media())]);
  await flows();
  await bob.page.evaluate(mark);
  await alice.page.evaluate(mark);

  for (const signal of /** @type {const} */ (['SIGKILL', 'SIGTERM'])) {
    await t.test(`that ended by ${signal}`, async () => {
      await server.stop(signal);
      for (const { page } of [bob, alice]) {
        await until('the loss is told', () => page.evaluate(lost));
      }
      await server.start();
      await flows();
      for (const { page } of [bob, alice]) {
        await until('the loss is told no more', async () => !await page.evaluate(lost));
        const before = await page.evaluate(pictures);
        assert.equal(before.length, 1, 'one other person');
        await until('the picture on the page moves', async () => {
          const [now] = await page.evaluate(pictures);
          return now !== undefined && now.width > 0 && now.time > (before[0]?.time ?? 0);
        });
        assert.equal(await page.evaluate(() => Object(globalThis).neverReloaded), true);
        await until('streams are measured, and voices heard, as before', () => page.evaluate(watches));
      }
    });
  }
  for (const person of [alice, bob]) await person.assertNoProblems(SERVER_GONE);
});

everywhereIfAsked('what is written while the server is gone, and what is being written, is there when it is back', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  for (const person of [bob, alice]) await person.button('Chat').click();
  await server.stop('SIGKILL');
  await bob.page.getByText('Connection lost. Reconnecting…').first().waitFor();
  await bob.say('written meanwhile');
  const field = bob.page.getByLabel('Message', { exact: true });
  await field.fill('half a sent');
  await server.start();
  await alice.page.locator('.bub', { hasText: 'written meanwhile' }).waitFor();
  await bob.page.locator('.bub', { hasText: 'written meanwhile' }).waitFor();
  assert.equal(await field.inputValue(), 'half a sent');
  for (const person of [alice, bob]) await person.assertNoProblems(SERVER_GONE);
});
