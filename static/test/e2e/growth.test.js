import { test } from 'node:test';
import { startChromium } from './support/chromium.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';
import { untilEqual } from './support/wait.js';

/** What a long meeting makes many of, by the name of its constructor. */
const KINDS = ['MediaStream', 'MediaStreamTrack', 'HTMLVideoElement', 'AudioNode'];

/** How often everything is done, and how many of a kind may be waiting for something to end meanwhile. */
const ROUNDS = 6;
const WAITING = 3;

/**
 * @param {import('playwright-core').CDPSession} debug
 * @returns {Promise<Record<string, number>>} how many of each kind there are in the page that anything still holds
 */
async function held(debug) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const kind of KINDS) {
    const { result } = await debug.send('Runtime.evaluate', { expression: `${kind}.prototype`, objectGroup: 'held' });
    // Garbage is collected before it answers.
    const { objects } = await debug.send('Runtime.queryObjects', { prototypeObjectId: result.objectId ?? '', objectGroup: 'held' });
    const count = await debug.send('Runtime.callFunctionOn', { objectId: objects.objectId ?? '', functionDeclaration: 'function () { return this.length; }', returnByValue: true });
    counts[kind] = count.result.value;
    await debug.send('Runtime.releaseObjectGroup', { objectGroup: 'held' });
  }
  return counts;
}

test('cameras that were switched off, levels that were watched and settings that were closed are let go while the microphone stays open', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startChromium(t));
  const { page } = bob;
  await bob.join(server.group('example'), 'bob', 'secret');
  const camera = page.locator('button[aria-label="Camera"][aria-disabled="false"]');
  const round = async () => {
    for (const pressed of ['false', 'true']) {
      await camera.click();
      await page.locator(`button[aria-label="Camera"][aria-pressed="${pressed}"][aria-disabled="false"]`).waitFor();
    }
    await bob.button('Audio devices').click();
    await page.getByRole('menu').locator('.meter').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    for (const kind of ['Audio', 'Video']) {
      await bob.button(`${kind} devices`).click();
      await page.getByRole('menuitem', { name: `${kind} settings…` }).click();
      await page.getByRole('tab', { name: kind, selected: true }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    // The tests remember them all.
    await page.evaluate(() => { Object(globalThis).peerConnections.length = 0; });
  };
  const debug = await page.context().newCDPSession(page);
  for (let i = 0; i < 2; i++) await round();
  const before = await held(debug);
  for (let i = 0; i < ROUNDS; i++) await round();
  await untilEqual('what is held after more rounds', async () => {
    return Object.entries(await held(debug)).filter(([kind, count]) => count > (before[kind] ?? 0) + WAITING);
  }, []);
  await bob.assertNoProblems();
});
