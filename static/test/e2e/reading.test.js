// Reading a chat of a thousand messages: what is read stays where it is, and what is out of sight costs nothing.

import assert from 'node:assert/strict';
import { everywhere } from './support/browsers.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';
import { until } from './support/wait.js';

/**
 * Runs in the page: so many messages come at once, numbered, three of each person, some of them long. They are given to the page as if they had come from
 * the server, which lets nobody say so much so soon.
 * @param {{from: number, to: number}} range numbers, both included
 */
async function said({ from, to }) {
  const { gotChat } = await import(`${location.origin}/app/chat.js`);
  for (let i = from; i <= to; i++) {
    const who = Math.floor(i / 3) % 12;
    gotChat({ type: 'chat', id: `m${i}`, source: `s${who}`, username: `Person ${who}`, time: new Date().toISOString(), value: `${i}.${' One more word.'.repeat(i % 5 * 12)}` });
  }
  for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => { globalThis.requestAnimationFrame(resolve); });
}

/**
 * Somebody in a room with the chat open in which much has been said.
 * @param {import('node:test').TestContext} t
 * @param {import('./support/browsers.js').Start} start
 */
async function arrive(t, start) {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Chat').click();
  const log = bob.page.getByRole('log');
  /** @param {number} n number of a message */
  const message = (n) => log.locator('.bub', { hasText: new RegExp(`^${n}\\.`) });
  /** How far from the top of the log a message begins, and below its end it ends, CSS pixels. @param {number} n */
  const place = (n) => message(n).evaluate((e) => {
    const [room, own] = [/** @type {Element} */ (e.closest('.log')).getBoundingClientRect(), e.getBoundingClientRect()];
    return { top: Math.round(own.top - room.top), below: Math.round(own.bottom - room.bottom) };
  });
  return { bob, log, message, place };
}

everywhere('the newest message is in sight, however long messages are and however many come at once', async (t, start) => {
  const { bob, place } = await arrive(t, start);
  for (const [from, to] of /** @type {const} */ ([[1, 300], [301, 301], [302, 305], [306, 324], [325, 325]])) {
    await bob.page.evaluate(said, { from, to });
    const { below } = await place(to);
    assert.ok(below <= 0 && below > -40, `message ${to} ends ${below} px below`);
  }
  await bob.page.getByRole('tab', { name: 'People' }).click();
  await bob.page.getByRole('tab', { name: 'Chat' }).click();
  await until('it is in sight of whoever comes back to the chat', async () => Math.abs((await place(325)).below + 20) <= 20);
  await bob.assertNoProblems();
});

everywhere('messages out of sight are not laid out', async (t, start) => {
  const { bob, message } = await arrive(t, start);
  await bob.page.evaluate(said, { from: 1, to: 100 });
  const laidOut = (/** @type {number} */ n) => message(n).evaluate((e) => e.checkVisibility({ contentVisibilityAuto: true }));
  assert.deepEqual([await laidOut(2), await laidOut(100)], [false, true]);
  await message(2).scrollIntoViewIfNeeded();
  await until('they are, once they are looked at', async () => await laidOut(2) && !await laidOut(100));
  await bob.assertNoProblems();
});

everywhere('what is read stays where it is, be it the oldest, which go once somebody reads the newest again', async (t, start) => {
  const { bob, log, message, place } = await arrive(t, start);
  let last = 0;
  /** @param {number} to number of the newest */
  const sayUntil = async (to) => {
    await bob.page.evaluate(said, { from: last + 1, to });
    last = to;
  };
  for (const reads of [500, 10]) {
    if (last < 1050) await sayUntil(1050);
    await message(reads).evaluate((e) => e.scrollIntoView());
    await until(`${reads} is being read`, async () => Math.abs((await place(reads)).top) < 2);
    for (const end = last + 100; last < end;) {
      await sayUntil(last + 5);
      assert.equal(await message(reads).count(), 1, `message ${reads} is gone once ${last} were said`);
      const { top } = await place(reads);
      assert.ok(Math.abs(top) < 4, `message ${reads} has moved by ${top} px once ${last} were said`);
    }
  }
  await log.evaluate((e) => e.scrollTo(0, e.scrollHeight));
  await until('the newest is being read', async () => (await place(last)).below <= 0);
  await sayUntil(last + 1);
  await message(10).waitFor({ state: 'detached' });
  await bob.assertNoProblems();
});
