import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { assertAccessible } from './support/accessible.js';
import { everywhere } from './support/browsers.js';
import { startChromium } from './support/chromium.js';
import { enterExample } from './support/example.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

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
  await assertAccessible(bob, 'the example');
  await bob.page.getByRole('button', { name: 'Hide my camera' }).click();
  await alice.page.locator('video').waitFor({ state: 'detached' });
  await bob.page.getByRole('button', { name: 'Leave' }).click();
  await bob.page.getByText('Not connected.').waitFor();
  for (const person of [bob, alice]) assert.deepEqual(person.problems, []);
});

/** What the examples of the documentation take for granted. */
const GIVEN = `
  const video = Object.assign(document.createElement('video'), { autoplay: true });
  document.body.append(video);
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const status = await (await fetch('/group/lab/.status')).json();`;

/** @returns {Promise<{module: string, classic: string}>} the two ways of using the library, as the documentation has them */
async function documented() {
  const text = await readFile(new URL('../../../docs/client-library.md', import.meta.url), 'utf8');
  /** @param {string} title of the section @param {RegExp} beginning of the example */
  const example = (title, beginning) => {
    const lines = text.slice(text.indexOf(`## ${title}`)).split('\n');
    const from = lines.findIndex((line) => beginning.test(line));
    assert.ok(from > 0, title);
    const length = lines.slice(from).findIndex((line) => line !== '' && !line.startsWith('    '));
    return lines.slice(from, from + length).join('\n');
  };
  return { module: example('As a module', /^    import /), classic: example('As a classic script', /^    const sc = /) };
}

test('the examples of the documentation do what it says of them', async (t) => {
  const server = await startServer(t, { lab: { users: { ada: { password: 'engine', permissions: 'present' } } } });
  const browser = await startChromium(t);
  const [sender, viewer] = [await Person.arrive(browser), await Person.arrive(browser)];
  const { module, classic } = await documented();
  // Whatever is evaluated can import only as it runs.
  const body = module.replace('https://meet.example.org/group/lab/', server.group('lab')).replace(/import (\{.*\}) from (.*);/, 'const $1 = await import($2);')
    .replace('const status', 'const found').replace('status.endpoint', 'found.endpoint');
  /** @type {string[]} */
  const logged = [];
  sender.page.on('console', (m) => logged.push(m.text()));
  // The page of the example loads the classic script.
  for (const { page } of [sender, viewer]) await page.goto(`${server.url}example/`);
  await viewer.page.evaluate(`(async () => {${GIVEN}\n${classic}\n})()`);
  await sender.page.evaluate(`(async () => {${GIVEN}\n${body}\n})()`);
  await untilMediaFlows('the classic script', () => viewer.media());
  await until('the module hears what is said', async () => logged.includes('ada hello'));
  await viewer.page.evaluate(`(async () => {${GIVEN}\n${body}\n})()`);
  await untilMediaFlows('the module', () => sender.media());
  for (const { page } of [sender, viewer]) await until('a picture is shown', () => page.evaluate(() => [...document.querySelectorAll('video')].some((v) => v.videoWidth > 0 && v.currentTime > 0)));
  for (const person of [sender, viewer]) await person.assertNoProblems();
});
