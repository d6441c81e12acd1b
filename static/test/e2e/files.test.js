import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { assertAccessible } from './support/accessible.js';
import { Person, startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';

/** @param {Buffer} content */
const sum = (content) => createHash('sha256').update(content).digest('hex');

test('files go from person to person, whole, and only to who wants them', async (t) => {
  const server = await startServer(t);
  const browser = await startChromium(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.button('Chat').click();
  await alice.button('Chat').click();

  /** @param {string} name @param {Buffer} buffer */
  async function offer(name, buffer) {
    const [chooser] = await Promise.all([bob.page.waitForEvent('filechooser'), bob.button('Send a file').click()]);
    await chooser.setFiles({ name, mimeType: 'application/octet-stream', buffer });
    await bob.page.getByRole('dialog', { name: 'Send to' }).getByRole('button', { name: 'alice' }).click();
    await alice.page.getByRole('group', { name, exact: true }).getByText('bob wants to send you this').waitFor();
  }
  const big = randomBytes(3_500_000);
  for (const [name, content] of /** @type {[string, Buffer][]} */ ([['notes week 7.pdf', big], ['empty.txt', Buffer.alloc(0)]])) {
    await t.test(name, async () => {
      await offer(name, content);
      if (content.length > 0) await assertAccessible(alice, 'offer of a file');
      const card = alice.page.getByRole('group', { name, exact: true });
      const [download] = await Promise.all([alice.page.waitForEvent('download'), card.getByRole('button', { name: 'Accept' }).click()]);
      assert.equal(download.suggestedFilename(), name);
      assert.equal(sum(await readFile(await download.path())), sum(content));
      await card.getByText(/Received from bob · .* · checked/).waitFor();
      await bob.page.getByRole('group', { name, exact: true }).getByText('Sent to alice').waitFor();
    });
  }

  await t.test('declined, and cancelled', async () => {
    await offer('one.txt', Buffer.from('1'));
    await alice.page.getByRole('group', { name: 'one.txt' }).getByRole('button', { name: 'Decline' }).click();
    await bob.page.getByText('alice declined.').waitFor();
    await offer('two.txt', Buffer.from('2'));
    await bob.page.getByRole('group', { name: 'two.txt' }).getByRole('button', { name: 'Cancel' }).click();
    await alice.page.getByRole('group', { name: 'two.txt' }).getByText('Cancelled.').waitFor();
  });

  await t.test('dropped on the chat', async () => {
    const data = await bob.page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['x'], 'dropped.txt'));
      return transfer;
    });
    await bob.page.dispatchEvent('.log', 'dragover', { dataTransfer: data });
    await bob.page.getByText('Drop files here to send them').waitFor();
    await bob.page.dispatchEvent('.log', 'drop', { dataTransfer: data });
    await bob.page.getByRole('dialog', { name: 'Send to' }).getByRole('button', { name: 'alice' }).click();
    await alice.page.getByRole('group', { name: 'dropped.txt' }).waitFor();
    await bob.button('Leave').click();
    await alice.page.getByText('bob left before the file was there.').waitFor();
  });
  for (const person of [bob, alice]) await person.assertNoProblems();
});
