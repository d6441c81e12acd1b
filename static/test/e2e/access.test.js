import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { isFirefox, Person } from './support/person.js';
import { lookAway } from './support/firefox.js';
import { GROUP, startServer } from './support/server.js';
import { until } from './support/wait.js';

/** Presses Tab until something has the focus. @param {Person} person @param {string} selector */
async function tabTo(person, selector) {
  for (let i = 0; i < 40; i++) {
    // Firefox does not always give a page that has just been opened the focus of its window, without which keys press no buttons.
    if (isFirefox(person.page) && !await person.page.evaluate(() => document.hasFocus())) await (await lookAway(person.page))();
    if (await person.page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await person.page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not lead to ${selector}`);
}

everywhereIfAsked('the keyboard alone is enough', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  const keys = bob.page.keyboard;
  await bob.page.goto(server.url);
  await bob.page.getByLabel('Room name').waitFor();
  await keys.type('example');
  await keys.press('Enter');
  await bob.page.waitForURL(server.group('example'));
  await bob.page.getByLabel('Your name').waitFor();
  await keys.type('bob');
  await keys.press('Tab');
  await keys.type('secret');
  await tabTo(bob, 'button[aria-label="Camera"]');
  await keys.press('Space');
  await bob.page.locator('button[aria-label="Camera"][aria-pressed="true"]').waitFor();
  await tabTo(bob, '.preform button[type="submit"]');
  await keys.press('Enter');
  await bob.button('Leave').waitFor();
  await until('the stage takes the focus', () => bob.page.evaluate(() => document.activeElement?.matches('main') ?? false));

  await tabTo(bob, '.tools button');
  await keys.press('End');
  assert.equal(await bob.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'More');
  await keys.press('Enter');
  await bob.page.getByRole('menuitem', { name: 'Full screen' }).waitFor();
  await keys.press('End');
  await keys.press('ArrowUp');
  await keys.press('Enter');
  await bob.page.getByRole('dialog', { name: 'Settings' }).waitFor();
  await keys.press('Escape');
  await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys.press('c');
  await until('the chat takes typing', () => bob.page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'Message'));
  await keys.type('mvdr');
  await keys.press('Enter');
  await bob.page.getByRole('log').getByText('mvdr').waitFor();
  await keys.press('Escape');
  await bob.page.getByRole('complementary').waitFor({ state: 'detached' });
  assert.equal(await bob.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'More', 'the focus is where it was');
  await keys.press('v');
  await bob.page.getByRole('group', { name: 'bob, (you), camera off, muted' }).waitFor();
  await bob.button('Camera').focus();
  await keys.press('Enter');
  await bob.page.getByRole('group', { name: 'bob, (you), camera on, muted' }).waitFor();
  assert.equal(await bob.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Camera', 'opening a device keeps the focus');
  await bob.assertNoProblems();
});

// In light colours, zoom.test.js shows them.
everywhereIfAsked('pages are accessible in dark colours', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, public: true, description: 'A room' }, nobody: { ...GROUP, public: true } });
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, { colorScheme: 'dark' }), await Person.arrive(browser)];
  await bob.page.goto(server.url);
  await bob.page.getByRole('link', { name: /example/ }).waitFor();
  await assertAccessible(bob, 'landing');
  await bob.page.goto(server.group('example'));
  await bob.enter('bob', 'wrong');
  await bob.page.getByRole('alert').getByText(/do not match/).waitFor();
  await bob.button('Audio devices').click();
  await bob.page.getByRole('menu').waitFor();
  await assertAccessible(bob, 'pre-join');
  await bob.join(server.group('example'), 'bob', 'secret');
  await assertAccessible(bob, 'alone');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.tile('alice').waitFor();
  await bob.button('Chat').click();
  await bob.say('hello https://example.org/');
  await bob.page.getByRole('log').getByText('hello').waitFor();
  await assertAccessible(bob, 'chat');
  await bob.button('People').click();
  await alice.button('Hand').click();
  await bob.page.getByRole('region', { name: 'Hands' }).waitFor();
  await bob.button('Menu for alice').first().click();
  await assertAccessible(bob, 'people');
  await bob.page.getByRole('menuitem', { name: 'Remove from room…' }).click();
  await assertAccessible(bob, 'dialog');
  await bob.assertNoProblems();
});

everywhereIfAsked('on a phone of 360 pixels nothing is cut off', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, public: true, displayName: 'A room with a rather long name, longer than the screen' } });
  const browser = await start(t);
  const options = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
  const [bob, alice] = [await Person.arrive(browser, options), await Person.arrive(browser)];
  await bob.page.goto(server.url);
  await bob.page.getByRole('link', { name: /A room/ }).waitFor();
  await assertFits(bob, 'landing');
  await bob.page.goto(server.group('example'));
  await bob.page.getByLabel('Your name').waitFor();
  await assertFits(bob, 'pre-join');
  await bob.button('Audio devices').click();
  await bob.page.getByRole('menu').waitFor();
  await assertFits(bob, 'device menu');
  await bob.join(server.group('example'), 'bob', 'secret');
  await assertFits(bob, 'alone');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.tile('alice').waitFor();
  await assertFits(bob, 'call');
  await bob.button('Chat').click();
  await bob.say('a'.repeat(200));
  await bob.page.locator('.bub').waitFor();
  await assertFits(bob, 'chat');
  await bob.button('Close').click();
  await bob.button('More').click();
  await bob.page.getByRole('menu').waitFor();
  await assertFits(bob, 'more');
  await bob.page.getByRole('menuitem', { name: /People/ }).click();
  await bob.button('Menu for alice').click();
  await bob.page.getByRole('menu').waitFor();
  await assertFits(bob, 'people');
  await bob.assertNoProblems();
});
