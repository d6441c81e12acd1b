import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FirefoxPerson, startFirefox } from './support/firefox.js';
import { film } from './support/film.js';
import { Person, startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

/** Runs in the page: plays a film to the others. @param {string} base64 */
async function play(base64) {
  const { playFiles } = await import(/** @type {any} */ ('/app/played-files.js'));
  playFiles([new File([Uint8Array.from(Object(globalThis).atob(base64), (/** @type {string} */ c) => c.charCodeAt(0))], 'film.webm', { type: 'video/webm' })]);
}

test('Firefox lays out and plays files', async (t) => {
  const server = await startServer(t);
  const alice = await Person.arrive(await startChromium(t));
  const bob = await FirefoxPerson.arrive(await startFirefox(t));
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await untilMediaFlows('bob', () => bob.media());
  await untilMediaFlows('alice', () => alice.media());

  await t.test('layouts', async () => {
    const layout = () => bob.page.evaluate(() => JSON.parse(localStorage.getItem('settings') ?? '{}').layout);
    const width = () => bob.page.evaluate(() => document.querySelector('.tile:not(.me)')?.getBoundingClientRect().width ?? 0);
    await bob.click('.stage');
    for (const [name, fits] of /** @type {[string, (w: number) => boolean][]} */ ([['grid', (w) => w < 800], ['sidebar', (w) => w > 800]])) {
      await bob.page.keyboard.press('w');
      await until(name, async () => await layout() === name && fits(await width()));
    }
    await untilMediaFlows('bob', () => bob.media());
  });

  await t.test('a file is played to the others', async () => {
    // The browser's own dialog cannot be answered from here.
    await bob.page.evaluate(play, await alice.page.evaluate(film));
    await alice.page.getByRole('group', { name: 'Played by bob' }).waitFor();
    const before = await alice.media();
    await until('alice sees and hears it', async () => {
      const m = await alice.media();
      return m.videos.some((v) => v.key === 'Played by bob' && v.w > 0 && v.time > 1) && m.energy > before.energy;
    });
    await alice.page.getByRole('group', { name: 'Played by bob' }).waitFor({ state: 'detached' });
  });
  assert.deepEqual(bob.problems, []);
});

test('where a background cannot be blurred, Firefox says so and the camera stays off', async (t) => {
  const server = await startServer(t);
  const bob = await FirefoxPerson.arrive(await startFirefox(t, { 'webgl.disabled': true }));
  await bob.page.evaluateOnNewDocument(() => localStorage.setItem('settings', JSON.stringify({ startMic: false, startCamera: false, filter: 'background-blur' })));
  await bob.page.goto(server.group('example'));
  await bob.click('button[aria-label="Camera"]');
  await bob.page.waitForSelector('::-p-text(The effect cannot be started)');
  await bob.page.waitForSelector('button[aria-label="Camera"][aria-pressed="false"]');
});
