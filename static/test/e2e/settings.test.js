import assert from 'node:assert/strict';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person, WHOLE_CAMERA } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilEqual, untilMediaFlows } from './support/wait.js';

const TABS = ['Audio', 'Video', 'Network', 'Accessibility', 'About'];

// In dark colours, opened.test.js shows them.
everywhereIfAsked('settings and shortcuts are accessible on a phone in light colours', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t), { colorScheme: 'light', viewport: { width: 360, height: 740 } });
  await bob.join(server.group('example'), 'bob', 'secret');
  await bob.page.keyboard.press(',');
  for (const name of TABS) {
    await bob.page.getByRole('tab', { name }).click();
    if (name === 'Video') await until('the camera is shown', () => bob.page.evaluate(() => (/** @type {HTMLVideoElement | null} */ (document.querySelector('.shot video'))?.videoWidth ?? 0) > 0));
    await assertAccessible(bob, name);
    await assertFits(bob, name);
  }
  await bob.page.keyboard.press('Escape');
  await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
  await bob.page.keyboard.press('?');
  await bob.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await assertAccessible(bob, 'shortcuts');
  await assertFits(bob, 'shortcuts');
  await bob.assertNoProblems();
});

everywhereIfAsked('what is received follows the setting at once', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await untilMediaFlows('bob', () => bob.media());
  await bob.page.keyboard.press(',');
  await bob.page.getByRole('tab', { name: 'Network' }).click();
  await bob.page.getByLabel('Receive').selectOption('Sound only');
  await bob.page.keyboard.press('Escape');
  await bob.page.getByRole('list', { name: 'Heard without a picture' }).getByText('alice').waitFor();
  await bob.page.keyboard.press(',');
  await bob.page.getByRole('tab', { name: 'Network' }).click();
  await bob.page.getByLabel('Receive').selectOption('Everything');
  await bob.page.keyboard.press('Escape');
  await untilMediaFlows('bob again', () => bob.media());
  await bob.assertNoProblems();
});

everywhereIfAsked('the resolution is chosen in a row with the keyboard, and on a phone from a list', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t), { settings: WHOLE_CAMERA });
  await bob.join(server.group('example'), 'bob', 'secret');
  await bob.page.keyboard.press(',');
  await bob.page.getByRole('tab', { name: 'Video' }).click();
  const height = (/** @type {number} */ wanted) => until(`the camera gives ${wanted} lines`, () => bob.page.evaluate(
    (lines) => /** @type {HTMLVideoElement | null} */ (document.querySelector('.shot video'))?.videoHeight === lines, wanted));
  const choices = bob.page.getByRole('radiogroup', { name: 'Resolution' }).getByRole('radio');
  assert.deepEqual(await choices.allTextContents(), ['Auto', '360p', '720p', '1080p']);
  await untilEqual('they stand in one row', async () => new Set(await choices.evaluateAll((all) => all.map((c) => c.getBoundingClientRect().top))).size, 1);
  await height(720);
  await bob.page.getByRole('radio', { name: 'Auto', checked: true }).focus();
  await bob.page.keyboard.press('ArrowRight');
  await bob.page.getByRole('radio', { name: '360p', checked: true }).waitFor();
  await height(360);
  await bob.page.setViewportSize({ width: 360, height: 740 });
  await bob.page.getByLabel('Resolution').selectOption('720p');
  await height(720);
  await bob.assertNoProblems();
});

everywhere('keys can be changed, and switched off; Space talks as long as it is held', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.join(server.group('example'), 'bob', 'secret');
  const keys = bob.page.keyboard;
  const mic = (/** @type {boolean} */ on) => bob.page.locator(`button[aria-label="Microphone"][aria-pressed="${on}"]`).waitFor();
  await keys.press('m');
  await mic(false);
  await keys.down(' ');
  await mic(true);
  await keys.up(' ');
  await mic(false);
  await keys.press('?');
  await bob.page.getByRole('button', { name: 'Microphone: M. Change' }).click();
  await keys.press('x');
  await bob.page.getByText('The key is changed.').waitFor();
  await keys.press('Escape');
  await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys.press('x');
  await mic(true);
  await keys.press('p');
  await bob.page.getByRole('complementary').waitFor();
  for (const part of ['.bar-tools', '.panel', '.stage', '.bar-tools']) {
    await keys.press('F6');
    await until(`the focus is in ${part}`, () => bob.page.evaluate((selector) => document.activeElement?.closest(selector) !== null, part));
  }
  await keys.press('p');
  await keys.press('?');
  await bob.page.getByRole('switch').click();
  await keys.press('Escape');
  await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys.press('x');
  await keys.press('c');
  assert.equal(await bob.page.getByRole('complementary').count(), 0);
  await mic(true);
  await bob.assertNoProblems();
});

everywhereIfAsked('nothing moves for those who wish so', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  const duration = () => bob.page.locator('.tool').first().evaluate((e) => getComputedStyle(e).transitionDuration);
  assert.notEqual(await duration(), '0s');
  await bob.page.keyboard.press(',');
  await bob.page.getByRole('tab', { name: 'Accessibility' }).click();
  await bob.page.getByRole('switch', { name: 'Reduce motion' }).click();
  assert.equal(await duration(), '0s');
  await bob.assertNoProblems();
});

everywhereIfAsked('nothing moves on any other page either', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, 'allow-recording': true } });
  const bob = await Person.arrive(await start(t), { settings: { stillness: true }, httpCredentials: { username: 'bob', password: 'secret' } });
  for (const path of ['', 'stats.html', 'admin/', 'change-password.html?group=example&username=bob', 'recordings/example/', 'nowhere']) {
    await bob.page.goto(server.url + path);
    const button = bob.page.locator('.btn').first();
    await button.waitFor();
    assert.equal(await button.evaluate((e) => getComputedStyle(e).transitionDuration), '0s', path);
  }
  await bob.assertNoProblems([/status of (401|404)/]);
});
