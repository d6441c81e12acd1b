import assert from 'node:assert/strict';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertAccessible } from './support/accessible.js';
import { Person } from './support/person.js';
import { holdTimers } from './support/probe.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilEqual } from './support/wait.js';

const CAPTIONER = { password: 'words', permissions: 'caption' };

/** Joins as a captioner without a page, and writes down what is said; it has reached everybody then. @param {string} text */
async function writeCaption(text) {
  const { join, sendChat, ServerConnection } = await import(new URL('/lib/index.js', location.href).href);
  const c = new ServerConnection();
  await c.connect(new URL('/ws', location.href).href.replace(/^http/, 'ws'));
  await join(c, { group: 'example', username: 'writer', password: 'words' });
  const heard = new Promise((resolve) => { c.on('chat', resolve); });
  sendChat(c, text, 'caption');
  await heard;
}

everywhere('captions are shown over the pictures for a while, in the size that was chosen, and never in the chat', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, users: { ...GROUP.users, writer: CAPTIONER } } });
  const browser = await start(t);
  const [bob, writer] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Chat').click();
  await bob.say('/set captionSize "l"');
  await writer.page.goto(server.url);
  // That is how long it is shown.
  const timers = await bob.page.evaluateHandle(holdTimers, 3000);
  await writer.page.evaluate(writeCaption, 'The square of the hypotenuse');
  const caption = bob.page.locator('.caption');
  await caption.getByText('The square of the hypotenuse').waitFor();
  await untilEqual('it is as large as was chosen', () => caption.evaluate((e) => getComputedStyle(e).fontSize), '28px');
  await assertAccessible(bob, 'caption');
  assert.equal(await bob.page.getByRole('log').getByText('hypotenuse').count(), 0);
  assert.ok(await caption.isVisible(), 'axe has seen it');
  await timers.evaluate((release) => release());
  await caption.waitFor({ state: 'detached' });

  await bob.page.keyboard.press('Escape');
  await bob.page.keyboard.press(',');
  await bob.page.getByRole('tab', { name: 'Accessibility' }).click();
  await bob.page.getByRole('radiogroup', { name: 'Captions' }).getByRole('radio', { name: 'Off' }).click();
  await bob.page.keyboard.press('Escape');
  await writer.page.evaluate(writeCaption, 'Not wanted');
  await bob.button('Chat').click();
  await bob.say('this is later');
  await bob.page.getByRole('log').getByText('this is later').waitFor();
  assert.equal(await caption.count(), 0);
  await bob.assertNoProblems();
});

everywhereIfAsked('screen readers are told who comes and goes, who raises a hand, and what is written, unless switched off', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  const told = bob.page.locator('.live[aria-live="polite"]');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await told.getByText('alice joined').waitFor({ state: 'attached' });
  await alice.button('Hand').click();
  await told.getByText(/alice raised/).waitFor({ state: 'attached' });
  await alice.button('Chat').click();
  await alice.say('good morning');
  await told.getByText(/alice.*good morning/).waitFor({ state: 'attached' });
  await bob.page.keyboard.press(',');
  await bob.page.getByRole('tab', { name: 'Accessibility' }).click();
  for (const name of [/comes and goes/i, /hand/i, /new messages/i]) {
    const control = bob.page.getByRole('switch', { name });
    if (await control.getAttribute('aria-checked') === 'true') await control.click();
  }
  await bob.page.keyboard.press('Escape');
  await alice.say('nobody reads this aloud');
  await bob.page.getByRole('button', { name: 'Chat' }).locator('.badge', { hasText: '2' }).waitFor();
  await alice.button('Leave').click();
  await until('alice is gone', async () => await bob.page.getByRole('button', { name: 'People' }).locator('.badge').innerText() === '1');
  assert.match(await told.innerText(), /good morning/);
  await bob.assertNoProblems();
});

everywhere('who comes in is told that nobody hears or sees them, and that the room is locked', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  const notice = (/** @type {string} */ text) => bob.page.locator('.toast', { hasText: text });
  const told = (/** @type {string} */ text) => notice(text).waitFor();
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await told('Nobody hears or sees you: your microphone and camera are off.');
  await bob.button('Chat').click();
  await bob.say('/lock');
  await notice('The room is locked.').getByRole('button', { name: 'Dismiss' }).click();
  await notice('The room is locked.').waitFor({ state: 'detached' });
  await bob.button('Leave').click();
  await bob.button('Rejoin').click();
  await told('The room is locked.');
  await bob.assertNoProblems();
});

everywhereIfAsked('without WebRTC the chat works, and what does not is said', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await bob.button('Chat').click();
  await alice.page.addInitScript(() => { Reflect.deleteProperty(globalThis, 'RTCPeerConnection'); });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await alice.page.locator('.toast', { hasText: 'This browser has WebRTC switched off' }).waitFor();
  assert.equal(await alice.button('Camera').count(), 0);
  await alice.button('Chat').click();
  await alice.say('I can write');
  await bob.page.getByRole('log').getByText('I can write').waitFor();
  await alice.page.keyboard.press('Escape');
  await alice.page.keyboard.press(',');
  await alice.page.getByRole('tab', { name: 'Network' }).click();
  await alice.page.getByLabel('Receive').selectOption('Low quality');
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('a stage on which nobody shows anything says so, or which setting is the reason', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, carol] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await carol.join(server.group('example'), 'carol', 'quiet', { devices: false });
  await carol.page.getByText('Nobody shows anything yet. Cameras and shared screens appear here.').waitFor();
  await assertAccessible(carol, 'empty stage');
  await bob.button('Camera').click();
  await carol.tile('bob').waitFor();
  const empty = carol.page.locator('.empty-stage');
  await empty.waitFor({ state: 'detached' });
  await carol.page.keyboard.press(',');
  await carol.page.getByRole('tab', { name: 'Network' }).click();
  await carol.page.getByLabel('Receive').selectOption('Screens only');
  await carol.page.keyboard.press('Escape');
  await empty.getByText('Your settings leave cameras out').waitFor();
  await assertAccessible(carol, 'empty stage by a setting');
  await empty.getByRole('button', { name: 'Settings' }).click();
  await carol.page.getByRole('dialog', { name: 'Settings' }).getByRole('tab', { name: 'Network', selected: true }).waitFor();
  for (const person of [bob, carol]) await person.assertNoProblems();
});
