import assert from 'node:assert/strict';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertFits } from './support/accessible.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';

/** What a page would take for an element if it did not take it for text. */
const MARKUP = '<img src=x onerror="document.title=1">&lt;b>';
/** The same for a file, whose name has no quotation marks on some systems. */
const FILE = '<img src=x onerror=document.title=1>&amp;.txt';
/** And for a room, whose name is that of a file, too. */
const ROOM = '<img src=x onerror=document.title=1>&amp;';

everywhereIfAsked('whatever rooms, people, files and messages are called or say is only text', async (t, start) => {
  const server = await startServer(t, {
    example: { 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'op' }, public: true, displayName: MARKUP, description: `About ${MARKUP}` }, [ROOM]: { public: true },
  });
  const browser = await start(t);
  const [bob, eve] = [await Person.arrive(browser, { settings: { displayAll: true } }), await Person.arrive(browser)];
  await bob.page.goto(server.url);
  await bob.page.getByRole('heading', { name: MARKUP, exact: true }).waitFor();
  await bob.page.getByText(`About ${MARKUP}`, { exact: true }).waitFor();
  await bob.page.getByLabel('Room name').fill(MARKUP);
  await bob.page.keyboard.press('Enter');
  await bob.page.getByRole('alert').getByText(`There is no room called “${MARKUP}” on this server. Check the spelling.`, { exact: true }).waitFor();
  await bob.page.getByRole('link', { name: ROOM }).click();
  await bob.page.getByRole('heading', { name: ROOM, exact: true }).waitFor();
  assert.equal(await bob.page.title(), ROOM);
  await bob.join(server.group('example'), 'bob', 'x', { devices: false });
  await bob.page.getByRole('heading', { name: MARKUP, exact: true }).waitFor();
  await bob.button('People').click();
  await eve.join(server.group('example'), MARKUP, 'x', { devices: false });
  await bob.page.locator('.person').getByText(MARKUP, { exact: true }).waitFor();
  await bob.page.locator('.tile').getByText(MARKUP, { exact: true }).waitFor();
  await bob.button(`Menu for ${MARKUP}`).click();
  await bob.page.getByRole('menuitem', { name: 'Remove from room…' }).click();
  await bob.page.getByRole('dialog', { name: `Remove ${MARKUP}?`, exact: true }).waitFor();
  await bob.page.keyboard.press('Escape');

  await eve.button('Chat').click();
  await eve.say(MARKUP);
  await eve.say(`/me ${MARKUP}`);
  await eve.say(`/wall ${MARKUP}`);
  await eve.say('/raise');
  await bob.button('Chat').click();
  const log = bob.page.getByRole('log');
  await log.locator('.bub').getByText(MARKUP, { exact: true }).waitFor();
  await log.locator('.third').getByText(`${MARKUP} ${MARKUP}`).waitFor();
  await log.locator('.notice').getByText(MARKUP, { exact: true }).waitFor();
  const [chooser] = await Promise.all([eve.page.waitForEvent('filechooser'), eve.button('Send a file').click()]);
  await chooser.setFiles({ name: FILE, mimeType: 'text/plain', buffer: Buffer.from('x') });
  await eve.page.getByRole('dialog').getByRole('button', { name: 'bob' }).click();
  await bob.page.getByRole('group', { name: FILE, exact: true }).getByText(`${MARKUP} wants to send you this`).waitFor();
  await bob.page.getByLabel('Message', { exact: true }).fill('/kick <im');
  await bob.page.getByRole('option').getByText(MARKUP).first().waitFor();
  for (const person of [bob, eve]) {
    assert.equal(await person.page.locator('img, b:empty').count(), 0);
    assert.notEqual(await person.page.title(), '1');
    await person.assertNoProblems([/status of 404/]);
  }
});

everywhereIfAsked('names and words of any length fit a phone', async (t, start) => {
  const long = 'x'.repeat(300);
  const room = 'r'.repeat(150);
  const open = { 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'op' }, public: true };
  const server = await startServer(t, { example: { ...open, displayName: long, description: long }, [room]: open });
  const browser = await start(t);
  const [bob, eve] = [await Person.arrive(browser, { viewport: { width: 360, height: 740 } }), await Person.arrive(browser)];
  await bob.page.goto(server.url);
  await bob.page.getByRole('heading', { name: long }).waitFor();
  await assertFits(bob, 'the landing page');
  await bob.join(server.group(room), long.slice(0, 200), 'x', { devices: false });
  await bob.button('Leave').click();
  await bob.button('Rejoin').waitFor();
  await assertFits(bob, 'the page after leaving');
  await bob.page.goto(server.url);
  await bob.page.getByRole('link', { name: room }).first().waitFor();
  await assertFits(bob, 'the landing page with a room that was visited');
  await bob.page.goto(`${server.group('example')}`);
  await bob.page.getByRole('heading', { name: long }).waitFor();
  await assertFits(bob, 'the page before joining');
  await bob.enter(long.slice(0, 200), 'x');
  await bob.button('Leave').waitFor();
  await eve.join(server.group('example'), long.slice(1, 200), 'x', { devices: false });
  await eve.button('Chat').click();
  await eve.say(long);
  await eve.say(`/wall ${long}`);
  await bob.page.locator('.toast').getByText(long).waitFor();
  await assertFits(bob, 'a notice');
  await bob.button('Chat').click();
  await bob.page.locator('.bub').getByText(long).waitFor();
  await assertFits(bob, 'the chat');
  await bob.page.getByRole('button', { name: /^Menu for the message of/ }).first().click();
  await bob.page.getByRole('menuitem', { name: 'Delete message' }).click();
  await bob.page.getByRole('dialog').waitFor();
  await assertFits(bob, 'a message that is to be deleted');
  for (const person of [bob, eve]) await person.assertNoProblems();
});

everywhere('signs in names that reverse what is written reverse nothing around them', async (t, start) => {
  const server = await startServer(t, { example: { 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'op' } } });
  const browser = await start(t);
  const [bob, eve] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'x', { devices: false });
  await eve.join(server.group('example'), 'Eve\u202eabc', 'x', { devices: false });
  await eve.button('Chat').click();
  await eve.say('/wall good evening');
  await bob.page.locator('.toast').getByText('Eveabc: good evening', { exact: true }).waitFor();
  await bob.button('Chat').click();
  await eve.say('/me is here');
  const third = bob.page.getByRole('log').locator('.third');
  await third.getByText('is here').waitFor();
  // What is written after the name stands after it.
  const edges = await third.evaluate((e) => {
    const name = e.querySelector('b')?.getBoundingClientRect();
    const letters = [...e.querySelectorAll('*'), e].flatMap((x) => [...x.childNodes]).filter((n) => n.nodeType === 3 && n.textContent?.includes('is here')).map((n) => {
      const range = document.createRange();
      const begin = n.textContent?.indexOf('is here') ?? 0;
      range.setStart(n, begin);
      range.setEnd(n, begin + 1);
      return range.getBoundingClientRect().left;
    });
    return { name: name?.right ?? 0, first: letters[0] ?? 0 };
  });
  assert.ok(edges.first >= edges.name, `the first letter at ${edges.first}, after a name that ends at ${edges.name}`);
  const [chooser] = await Promise.all([eve.page.waitForEvent('filechooser'), eve.button('Send a file').click()]);
  await chooser.setFiles({ name: 'photo\u202egpj.exe', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await eve.page.getByRole('dialog').getByRole('button', { name: 'bob' }).click();
  const card = bob.page.getByRole('group', { name: 'photogpj.exe', exact: true });
  await card.getByText('photogpj.exe', { exact: true }).waitFor();
  await card.getByText('Eveabc wants to send you this').waitFor();
  for (const person of [bob, eve]) await person.assertNoProblems();
});
