import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { everywhereIfAsked } from './support/browsers.js';
import { assertAccessible } from './support/accessible.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';

/** @param {Buffer} content */
const sum = (content) => createHash('sha256').update(content).digest('hex');

/** From now on it is noted what bars of progress say, in per cent. @param {Person[]} people */
async function noteProgress(...people) {
  for (const { page } of people) {
    await page.evaluate(() => {
      /** @type {number[]} */
      const shown = [];
      Object.assign(globalThis, { shown });
      new globalThis.MutationObserver(() => {
        const now = document.querySelector('[role="progressbar"]')?.getAttribute('aria-valuenow');
        if (now && shown.at(-1) !== Number(now)) shown.push(Number(now));
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
  }
}

/** It has grown. @param {Person[]} people */
async function assertProgressShown(...people) {
  for (const { page } of people) {
    /** @type {number[]} */
    const shown = await page.evaluate(() => Object(globalThis).shown);
    assert.ok(shown.length > 2 && shown.every((percent, i) => percent <= 100 && percent > (shown[i - 1] ?? -1)), `progress: ${shown}`);
  }
}

everywhereIfAsked('files go from person to person, whole, and only to who wants them', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, { settings: { displayAll: true } }), await Person.arrive(browser)];
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
      await noteProgress(bob, alice);
      const card = alice.page.getByRole('group', { name, exact: true });
      const kept = await alice.keep(() => card.getByRole('button', { name: 'Accept' }).click());
      assert.deepEqual([kept.name, sum(kept.content)], [name, sum(content)]);
      await card.getByText(/Received from bob · .* · checked/).waitFor();
      await bob.page.getByRole('group', { name, exact: true }).getByText('Sent to alice').waitFor();
      if (content.length > 0) await assertProgressShown(bob, alice);
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

  /** @param {string} name */
  const dragged = (name) => bob.page.evaluateHandle((fileName) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], fileName));
    return transfer;
  }, name);

  await t.test('dropped on a person, whose tile or line of the list shows it', async () => {
    for (const [selector, name] of /** @type {const} */ ([['.tile[aria-label^="alice"]', 'tile.txt'], ['.person:has-text("alice")', 'list.txt']])) {
      await bob.button('People').click();
      const target = bob.page.locator(selector);
      const data = await dragged(name);
      await target.dispatchEvent('dragover', { dataTransfer: data });
      await bob.page.locator(`${selector}.over`).waitFor();
      await target.dispatchEvent('drop', { dataTransfer: data });
      await bob.page.getByRole('log').getByRole('group', { name }).waitFor();
      await alice.page.getByRole('group', { name }).waitFor();
    }
  });

  await t.test('dropped beside everything, which must not take the page away', async () => {
    const left = await bob.page.locator('.bar-tools').evaluate((bar, data) => bar.dispatchEvent(new globalThis.DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data })), await dragged('beside.txt'));
    assert.equal(left, false, 'the browser does not open it');
    await bob.page.getByRole('dialog', { name: 'Send to' }).waitFor();
    await bob.page.keyboard.press('Escape');
  });

  await t.test('dropped on the chat', async () => {
    const data = await dragged('dropped.txt');
    await bob.page.dispatchEvent('.log', 'dragover', { dataTransfer: data });
    await bob.page.getByText('Drop files here to send them').waitFor();
    await bob.page.dispatchEvent('.log', 'drop', { dataTransfer: data });
    await bob.page.getByRole('dialog', { name: 'Send to' }).getByRole('button', { name: 'alice' }).click();
    await alice.page.getByRole('group', { name: 'dropped.txt' }).waitFor();
    await bob.button('Leave').click();
    await alice.page.getByRole('group', { name: 'dropped.txt' }).getByText('bob left before the file was there.').waitFor();
  });
  for (const person of [bob, alice]) await person.assertNoProblems();
});
