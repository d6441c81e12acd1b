// Everything can be reached by keyboard, one sees where one is, Escape closes what is open, and the focus is then where it was.

import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { arrowThrough, assertFocused, choose, tabThrough, throughDialog, throughMenu, throughPopover } from './support/keys.js';
import { Person } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { untilMediaFlows } from './support/wait.js';

/** Nothing is on its way from one look to another. */
const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });

everywhereIfAsked('every control before the call is reached by keyboard, and one sees where one is', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, public: true } });
  const bob = await Person.arrive(await start(t), STILL);
  await bob.page.goto(server.url);
  await bob.page.getByRole('link', { name: /example/ }).waitFor();
  await tabThrough(bob, 'body', 'landing');
  await bob.page.goto(server.group('example'));
  await bob.switchOnDevices();
  for (const devices of ['Audio devices', 'Video devices']) await throughMenu(bob, bob.button(devices), devices);
  await bob.page.getByLabel('Your name').focus();
  await tabThrough(bob, 'body', 'pre-join');
  await bob.enter('bob', 'secret');
  await bob.button('Leave').focus();
  // Firefox rings what is given the focus only if that before had been reached by keyboard.
  for (const key of ['Shift+Tab', 'Tab']) await bob.page.keyboard.press(key);
  await assertFocused(bob.button('Leave'), 'the toolbar');
  await bob.page.keyboard.press('Enter');
  await bob.button('Rejoin').waitFor();
  await tabThrough(bob, 'body', 'left');
  await bob.assertNoProblems();
});

/**
 * Bob, who is an operator, and alice.
 * @param {import('node:test').TestContext} t
 * @param {import('./support/browsers.js').Start} start
 * @param {{devices: boolean}} options devices: with camera and microphone
 */
async function call(t, start, options) {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, STILL), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', options);
  await tabThrough(bob, '.call', 'alone');
  await alice.join(server.group('example'), 'alice', 'wonder', options);
  if (options.devices) await untilMediaFlows('bob', () => bob.media());
  await alice.button('Hand').click();
  return { bob, alice, keys: bob.page.keyboard, more: bob.button('More'), panel: bob.page.getByRole('complementary') };
}

everywhereIfAsked('every control and menu of the call is reached by keyboard, and one sees where one is', async (t, start) => {
  const { bob, alice, keys, panel } = await call(t, start, { devices: true });

  await t.test('the stage and the toolbar', async () => {
    await bob.page.locator('.stage').focus();
    await tabThrough(bob, '.call', 'call');
    await bob.page.locator('.tools button').first().focus();
    await arrowThrough(bob, '.tools button', 'ArrowRight', 'toolbar');
    for (const name of [/^Layout/, 'Audio devices', 'Video devices', 'More']) await throughMenu(bob, bob.button(name), String(name));
  });

  await t.test('a tile', async () => {
    for (const name of ['alice', 'bob']) {
      await throughMenu(bob, bob.tile(name).getByRole('button', { name: /^More for/ }), `menu of the tile of ${name}`);
      await bob.tile(name).focus();
      await keys.press('.');
      await bob.page.getByRole('menu').waitFor();
      await keys.press('Escape');
      await assertFocused(bob.tile(name), `tile of ${name}`);
    }
    const volume = bob.button('Volume of alice');
    await volume.focus();
    await keys.press('Enter');
    await throughPopover(bob, volume, 'volume');
    const menu = bob.tile('alice').getByRole('button', { name: /^More for/ });
    await choose(bob, menu, 'Connection');
    await throughPopover(bob, menu, 'connection of a tile');
  });

  await t.test('the chat', async () => {
    await bob.page.locator('.stage').focus();
    await keys.press('c');
    await assertFocused(bob.page.getByLabel('Message', { exact: true }), 'chat');
    for (const text of ['one', 'two', 'https://example.org/']) await bob.say(text);
    await bob.page.getByRole('log').getByText('example.org').waitFor();
    await tabThrough(bob, '.panel', 'chat');
    const menus = bob.button('Menu for the message of bob');
    await menus.last().focus();
    await arrowThrough(bob, '.ofmsg > button', 'ArrowUp', 'messages');
    await throughMenu(bob, menus.last(), 'menu of a message');
    await bob.page.getByRole('tab', { name: 'Chat' }).focus();
    await keys.press('ArrowLeft');
    await assertFocused(bob.page.getByRole('tab', { name: 'People' }), 'tabs');
    await keys.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await assertFocused(bob.page.locator('.stage'), 'after the panel');
  });

  await t.test('the list of people', async () => {
    await keys.press('p');
    await panel.waitFor();
    await tabThrough(bob, '.panel', 'people');
    for (const name of ['alice', 'bob']) await throughMenu(bob, bob.button(`Menu for ${name}`).last(), `menu for ${name}`);
    const menu = bob.button('Menu for alice').last();
    await choose(bob, menu, 'Volume…');
    await throughPopover(bob, menu, 'volume of a person');
    for (const entry of ['Warn…', 'Remove from room…']) {
      await choose(bob, menu, entry);
      await throughDialog(bob, menu, entry);
    }
    await keys.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });
  assert.ok(await bob.button('Leave').isVisible());
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('every dialog is gone through by keyboard, and closed', async (t, start) => {
  const { bob, alice, keys, more } = await call(t, start, { devices: false });

  await t.test('the dialogs', async () => {
    for (const entry of ['Room…', 'Connection', 'Report a problem', 'Keyboard shortcuts']) {
      await choose(bob, more, entry);
      await throughDialog(bob, more, entry);
    }
    await choose(bob, more, 'Room…');
    await bob.button('Clear…').focus();
    await keys.press('Enter');
    await bob.page.getByRole('heading', { name: 'Clear the chat?' }).waitFor();
    await throughDialog(bob, more, 'a question');
    const choosing = bob.page.waitForEvent('filechooser');
    await choose(bob, more, 'Send a file…');
    await (await choosing).setFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
    await throughDialog(bob, more, 'to whom a file goes');
  });

  await t.test('inviting', async () => {
    await choose(bob, more, 'Invite…');
    const dialog = bob.page.getByRole('dialog');
    await dialog.getByRole('radio', { name: '1 day' }).focus();
    await arrowThrough(bob, '.seg:has([role="radio"]:focus) [role="radio"]', 'ArrowRight', 'for how long');
    await dialog.getByRole('radio', { name: 'Custom…' }).focus();
    await keys.press('Enter');
    await tabThrough(bob, 'dialog', 'invitation');
    await dialog.getByRole('button', { name: 'Create link' }).focus();
    await keys.press('Enter');
    await dialog.getByRole('img', { name: 'QR code of the link' }).waitFor();
    await throughDialog(bob, more, 'invitation that is made');
  });

  await t.test('the settings', async () => {
    await choose(bob, more, 'Settings');
    const selected = bob.page.getByRole('dialog').getByRole('tab', { selected: true });
    await selected.focus();
    await arrowThrough(bob, 'dialog [role="tab"]', 'ArrowRight', 'tabs of the settings');
    for (const name of ['Audio', 'Video', 'Network', 'Accessibility', 'About']) {
      await bob.page.getByRole('tab', { name }).focus();
      await keys.press('Enter');
      await tabThrough(bob, 'dialog', `settings, ${name}`);
    }
    await throughDialog(bob, more, 'settings');
  });
  assert.ok(await bob.button('Leave').isVisible());
  for (const person of [bob, alice]) await person.assertNoProblems();
});
