import assert from 'node:assert/strict';
import { everywhere } from './support/browsers.js';
import { enterExample } from './support/example.js';
import { startServer } from './support/server.js';
import { until } from './support/wait.js';

/** Runs in the page of the example: takes every file that is offered, and remembers what happens. */
function acceptFiles() {
  const page = Object(globalThis);
  page.log = [];
  const connection = sc; // eslint-disable-line no-undef
  connection.onfiletransfer = (/** @type {any} */ f) => {
    f.onevent = async (/** @type {string} */ state, /** @type {any} */ data) => {
      if (state === 'done') page.log.push(`${f.name} ${data.type} ${(await data.text()).length}`);
      if (state === 'cancelled') page.log.push(`${f.name} cancelled: ${data.message}`);
    };
    if (f.name === 'no.txt') f.cancel('no, thanks');
    else void f.receive();
  };
}

/**
 * Runs in the page of the example: offers a file to somebody.
 * @param {{to: string, name: string, size: number}} what
 */
function sendFile({ to, name, size }) {
  const page = Object(globalThis);
  page.log = [];
  const connection = sc; // eslint-disable-line no-undef
  const [id] = Object.entries(connection.users).find(([, u]) => /** @type {any} */ (u).username === to) ?? [];
  const f = connection.sendFile(id, new File(['x'.repeat(size)], name, { type: 'text/plain' }));
  f.onevent = (/** @type {string} */ state, /** @type {any} */ data) => {
    if (state !== 'connected' || page.log.at(-1) !== 'connected') page.log.push(data ? `${state}: ${data.message}` : state);
  };
}

const log = (/** @type {import('./support/person.js').Person} */ p) => p.page.evaluate(() => Object(globalThis).log.join('\n'));

everywhere('files go from one member to another', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = await enterExample(browser, server);
  await alice.page.getByRole('listitem').filter({ hasText: 'bob' }).waitFor();
  await bob.page.evaluate(acceptFiles);
  await alice.page.evaluate(sendFile, { to: 'bob', name: 'large.txt', size: 3_000_000 });
  await until('the large file is there', async () => await log(bob) === 'large.txt text/plain 3000000');
  await until('alice knows', async () => await log(alice) === 'connecting\nconnected\ndone\nclosed');
  await alice.page.evaluate(sendFile, { to: 'bob', name: 'empty.txt', size: 0 });
  await until('the empty file is there', async () => (await log(bob)).endsWith('\nempty.txt text/plain 0'));
  await alice.page.evaluate(sendFile, { to: 'bob', name: 'no.txt', size: 10 });
  await until('alice is refused', async () => await log(alice) === 'cancelled: no, thanks\nclosed');
  for (const person of [bob, alice]) assert.deepEqual(person.problems, []);
});
