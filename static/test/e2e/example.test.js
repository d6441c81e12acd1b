import assert from 'node:assert/strict';
import { everywhere } from './support/browsers.js';
import { enterExample } from './support/example.js';
import { startServer } from './support/server.js';
import { until } from './support/wait.js';

everywhere('the example client sends, receives and chats', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = await enterExample(browser, server);
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
  for (const person of [bob, alice]) assert.deepEqual(person.problems, []);
});
