import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person, startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';
import { until } from './support/wait.js';

test('the example client sends, receives and chats', async (t) => {
  const server = await startServer(t);
  const browser = await startChromium(t);
  const people = [await Person.arrive(browser), await Person.arrive(browser)];
  for (const [i, [name, password]] of [['bob', 'secret'], ['alice', 'wonder']].entries()) {
    const page = people[i]?.page;
    assert.ok(page && name && password);
    await page.goto(`${server.url}example/`);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('In Example.').or(page.getByText('In example.')).waitFor();
  }
  const [bob, alice] = people;
  assert.ok(bob && alice);
  await alice.page.getByRole('listitem').filter({ hasText: 'bob' }).waitFor();
  await bob.page.getByRole('button', { name: 'Show my camera' }).click();
  await until('alice sees bob', async () => {
    const videos = await alice.page.locator('video[aria-label="bob"]').evaluateAll((all) => all.map((v) => Object(v).videoWidth));
    return videos.length === 1 && videos[0] > 0;
  });
  await alice.page.getByLabel('Message').fill('hello');
  await alice.page.getByRole('button', { name: 'Send' }).click();
  await bob.page.getByText('alice: hello').waitFor();
  await bob.page.getByRole('button', { name: 'Hide my camera' }).click();
  await alice.page.locator('video').waitFor({ state: 'detached' });
  await bob.page.getByRole('button', { name: 'Leave' }).click();
  await bob.page.getByText('Not connected.').waitFor();
  for (const person of people) assert.deepEqual(person.problems, []);
});
