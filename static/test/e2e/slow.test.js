// What people do before the page is through with what they did before, which on a slow machine, or over a slow line, is most of the time.

import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { holdQuestion } from './support/probe.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';
import { until, untilEqual } from './support/wait.js';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/**
 * Runs in the page: presses keys one after the other, before another picture is drawn.
 * @param {string[]} keys
 * @returns {Promise<string>} what has the focus then
 */
async function pressAtOnce(keys) {
  for (const key of keys) {
    const options = { key, bubbles: true, cancelable: true };
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', options));
    // The page is as it will be before the browser hands out another key.
    for (let i = 0; i < 20; i++) await Promise.resolve();
    document.activeElement?.dispatchEvent(new KeyboardEvent('keyup', options));
  }
  const e = document.activeElement;
  return e?.getAttribute('aria-label') ?? e?.localName ?? '';
}

/** Runs before the page's own scripts: notes what has the focus as soon as parts of the page are there. */
function noteFocus() {
  /** @type {Record<string, boolean>} */
  const focused = {};
  Object.assign(globalThis, { focused });
  new globalThis.MutationObserver(() => {
    for (const part of ['input[name="room"]', '.stage', '.lost button']) {
      const there = document.querySelector(part);
      if (there) focused[part] ??= there === document.activeElement;
    }
  }).observe(document, { childList: true, subtree: true });
}

everywhereIfAsked('pages, the call and the chat have the focus at once: what is typed next goes there, and is no shortcut', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  const { page } = bob;
  const focused = () => page.evaluate(() => Object(globalThis).focused);
  await page.addInitScript(noteFocus);
  await page.goto(server.url);
  await page.getByLabel('Room name').waitFor();
  assert.deepEqual(await focused(), { 'input[name="room"]': true });
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  assert.deepEqual(await focused(), { '.stage': true });
  assert.equal(await page.evaluate(pressAtOnce, ['c']), 'Message');
  await bob.button('Leave').click();
  await bob.button('Rejoin').waitFor();
  assert.deepEqual(await focused(), { '.stage': true, '.lost button': true });
  await bob.assertNoProblems();
});

everywhereIfAsked('our own picture stays in no place to which it was dragged while it lost its corner', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, { ...PHONE, settings: { displayAll: true } }), await Person.arrive(browser)];
  const { mouse } = bob.page;
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.join(server.group('example'), 'bob', 'secret');
  const own = bob.page.locator('.tile.me');
  const floating = bob.page.locator('.tile.me.float');
  const moved = () => own.evaluate((e) => getComputedStyle(e).translate);
  await floating.waitFor();
  const box = await until('it is in a corner', async () => { const b = await own.boundingBox(); return b !== null && b.x > 180 && b.y > 370 && b; });
  await mouse.move(box.x + 48, box.y + 90);
  await mouse.down();
  await mouse.move(60, 150, { steps: 5 });
  await until('it follows the pointer', async () => await moved() !== 'none');
  await alice.button('Leave').click();
  await floating.waitFor({ state: 'detached' });
  await untilEqual('it is where it belongs', moved, 'none');
  await mouse.up();
  await alice.button('Rejoin').click();
  await floating.waitFor();
  await mouse.move(100, 300, { steps: 5 });
  assert.equal(await moved(), 'none', 'no button is down');
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('suggestions for what is being written stay when the answer to a command comes', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Chat').click();
  const ask = await bob.page.evaluateHandle(holdQuestion, 'maketoken');
  await bob.say('/invite zoe 1h');
  const field = bob.page.getByLabel('Message', { exact: true });
  await untilEqual('the command is sent', () => field.inputValue(), '');
  await field.fill('/ra');
  await bob.page.getByRole('option', { name: /\/raise/ }).waitFor();
  await ask.evaluate((release) => release());
  await bob.page.locator('.output a').waitFor();
  assert.equal(await bob.page.getByRole('option', { name: /\/raise/ }).count(), 1);
  await bob.assertNoProblems();
});

everywhereIfAsked('a dialog whose code cannot be had closes no other one', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  const { page } = bob;
  /** @type {import('playwright-core').Route[]} */
  const held = [];
  await page.context().route('**/ui/room.js', (route) => { held.push(route); });
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('More').click();
  await page.getByRole('menuitem', { name: 'Room…' }).click();
  await until('its code is asked for', async () => held.length > 0);
  await bob.button('More').click();
  await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
  const shortcuts = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await shortcuts.waitFor();
  for (const route of held) await route.abort();
  await page.getByText('This part of the page could not be loaded').first().waitFor({ state: 'attached' });
  assert.ok(await shortcuts.isVisible());
});

everywhereIfAsked('a file to play that is chosen after leaving is not played to those whom one comes back to', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  const choosing = alice.page.waitForEvent('filechooser');
  await alice.button('More').click();
  await alice.page.getByRole('menuitem', { name: 'Play a file' }).click();
  const chooser = await choosing;
  await bob.button('People').click();
  await bob.button('Menu for alice').click();
  await bob.page.getByRole('menuitem', { name: 'Remove from room…' }).click();
  await bob.button('Remove').click();
  await alice.page.locator('.preform').getByText('You were removed from this room').waitFor();
  await chooser.setFiles({ name: 'film.webm', mimeType: 'video/webm', buffer: Buffer.from('a film') });
  await alice.enter('alice', 'wonder');
  await alice.button('Leave').waitFor();
  // Playing it would fail, which is said.
  assert.equal(await alice.page.locator('.tile video.played').count(), 0);
  await alice.button('Chat').click();
  await alice.say('here again');
  await alice.page.locator('.bub', { hasText: 'here again' }).waitFor();
  assert.equal(await alice.page.getByText('This browser cannot play').count(), 0);
  for (const person of [bob, alice]) await person.assertNoProblems();
});
