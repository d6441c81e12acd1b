import assert from 'node:assert/strict';
import { everywhere } from './support/browsers.js';
import { Person } from './support/person.js';
import { assertAccessible } from './support/accessible.js';
import { startServer } from './support/server.js';
import { until } from './support/wait.js';

everywhere('what is said reaches everybody, also those who come later', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
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
  assert.deepEqual(await Promise.all(['href', 'rel', 'target'].map((name) => link.getAttribute(name))), ['https://example.org/waves.pdf', 'noopener noreferrer', '_blank']);

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

everywhere('commands are completed, done and explained', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  const keys = bob.page.keyboard;
  await keys.press('/');
  const field = bob.page.getByLabel('Message', { exact: true });
  await until('the field has the focus', () => field.evaluate((e) => e === document.activeElement));
  await keys.type('/ra');
  await bob.page.getByRole('option', { name: /\/raise/ }).waitFor();
  await assertAccessible(bob, 'completion');
  await keys.press('ArrowDown');
  await keys.press('Enter');
  assert.equal(await field.inputValue(), '/raise');
  await keys.press('Enter');
  await bob.tile('bob').getByRole('img', { name: 'Hand raised' }).waitFor();

  await t.test('an open list never swallows Enter', async () => {
    await keys.type('/unraise');
    await bob.page.getByRole('option').first().waitFor();
    await keys.press('Enter');
    await bob.tile('bob').getByRole('img', { name: 'Hand raised' }).waitFor({ state: 'detached' });
  });

  await t.test('names are completed, and a private message is seen by two only', async () => {
    await keys.type('/msg al');
    await keys.press('Tab');
    assert.equal(await field.inputValue(), '/msg alice ');
    await keys.type('between us');
    await keys.press('Enter');
    await bob.page.locator('.own.priv', { hasText: 'to alice only' }).getByText('between us').waitFor();
    await alice.button('Chat').click();
    await alice.page.locator('.priv', { hasText: 'to you only' }).getByText('between us').waitFor();
    await alice.doubleClick(alice.page.locator('.line', { hasText: 'between us' }));
    await alice.page.getByRole('menuitem', { name: 'Reply privately' }).click();
    await alice.page.getByText('To bob only').waitFor();
    await alice.say('understood');
    await bob.page.locator('.priv', { hasText: 'to you only' }).getByText('understood').waitFor();
  });

  await t.test('what is wrong is said, and can be mended', async () => {
    await bob.say('/kick nobody');
    await bob.page.getByRole('log').getByText('Nobody here is called nobody.').waitFor();
    assert.equal(await field.inputValue(), '/kick nobody');
    await alice.button('Write to everybody').click();
    await alice.say('/lock');
    await alice.page.getByRole('log').getByText('/lock is for operators.').waitFor();
    await alice.say('/help');
    await alice.page.locator('.output', { hasText: '/me TEXT' }).waitFor();
    assert.equal(await alice.page.getByRole('log').getByText('/muteall').count(), 0);
  });

  await t.test('an operator deletes a message by keyboard, for everybody', async () => {
    await alice.page.getByLabel('Message', { exact: true }).fill('');
    await alice.say('a mistake');
    await bob.page.locator('.bub', { hasText: 'a mistake' }).waitFor();
    await field.fill('');
    await bob.button('Menu for the message of alice').last().focus();
    await keys.press('Enter');
    await assertAccessible(bob, 'menu of a message');
    await bob.page.getByRole('menuitem', { name: 'Delete message' }).press('Enter');
    const dialog = bob.page.getByRole('dialog', { name: 'Delete message' });
    await dialog.getByText('a mistake').waitFor();
    await assertAccessible(bob, 'deleting a message');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await alice.page.getByText('a mistake').waitFor({ state: 'detached' });
    await bob.say('/warn alice enough');
    await alice.page.locator('.notice', { hasText: 'Notice from bob' }).getByText('enough').waitFor();
  });
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhere('what is being written and read stays where it is', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  for (const person of [bob, alice]) await person.button('Chat').click();
  const field = bob.page.getByLabel('Message', { exact: true });
  const log = bob.page.getByRole('log');

  await t.test('what is not sent yet, while one looks who is there', async () => {
    await field.fill('half a thought');
    await bob.page.getByRole('tab', { name: 'People' }).click();
    await bob.page.getByRole('tab', { name: 'Chat' }).click();
    await until('it is there again', async () => await field.inputValue() === 'half a thought');
    await field.fill('');
  });

  await t.test('the newest message, while suggestions take some of the room', async () => {
    for (let i = 1; i <= 25; i++) await bob.say(`line ${i}`);
    const newest = log.getByText('line 25', { exact: true });
    await newest.waitFor();
    await field.fill('/');
    await bob.page.getByRole('option').first().waitFor();
    const below = () => newest.evaluate((e) => {
      const room = /** @type {Element} */ (e.closest('.log')).getBoundingClientRect();
      return Math.round(e.getBoundingClientRect().bottom - room.bottom);
    });
    await until('it is in sight', async () => await below() <= 0);
    await field.fill('');
    await bob.page.getByRole('option').first().waitFor({ state: 'detached' });
    // As when they come before the browser has told of the last scrolling.
    await log.evaluate((e) => e.scrollTo(0, e.scrollTop - 1));
    await bob.page.evaluate(() => {
      const [room, input] = [document.querySelector('.log'), document.querySelector('.chatbox textarea')];
      if (!room || !(input instanceof HTMLTextAreaElement)) throw new Error('there is no chat');
      room.scrollTo(0, room.scrollTop + 1);
      input.value = '/';
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await bob.page.getByRole('option').first().waitFor();
    await until('it is in sight again', async () => await below() <= 0);
    await field.fill('');
    await bob.page.getByRole('option').first().waitFor({ state: 'detached' });
  });

  await t.test('an older message, and only what is new is counted as new', async () => {
    await log.evaluate((e) => e.scrollTo(0, 0));
    await until('the log has scrolled', () => log.evaluate((e) => e.scrollTop === 0));
    await alice.say('one');
    await alice.say('two');
    await bob.page.getByText('2 new messages').waitFor();
    await bob.button('Menu for the message of bob').first().press('Enter');
    await bob.page.getByRole('menuitem', { name: 'Delete message' }).press('Enter');
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await log.getByText('line 1', { exact: true }).waitFor({ state: 'detached' });
    await bob.page.getByText('2 new messages').waitFor();
  });

  await t.test('a menu closes when something else is pressed, whatever had the focus', async () => {
    await bob.page.evaluate(() => {
      // As some browsers do it, for which a click gives no focus.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      const more = document.querySelector('button[aria-label="More"]');
      if (more instanceof HTMLElement) more.click();
    });
    await bob.page.getByRole('menu').waitFor();
    await bob.page.getByRole('banner').click();
    await bob.page.getByRole('menu').waitFor({ state: 'detached' });
  });
  for (const person of [bob, alice]) await person.assertNoProblems();
});
