import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';
import { until, untilEqual } from './support/wait.js';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

everywhereIfAsked('on a phone the button for going back closes what is open, and never the call', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t), PHONE);
  await bob.page.goto(server.url);
  // Firefox tells a page that is left that what it was fetching cannot be had.
  await bob.page.getByRole('heading', { level: 1 }).waitFor();
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  const panel = bob.page.getByRole('complementary');
  const settings = bob.page.getByRole('dialog', { name: 'Settings' });

  await bob.button('Chat').click();
  await panel.waitFor();
  await bob.page.goBack();
  await panel.waitFor({ state: 'detached' });

  await bob.button('More').click();
  await bob.page.getByRole('menuitem', { name: 'Settings' }).click();
  await settings.waitFor();
  await bob.page.goBack();
  await settings.waitFor({ state: 'detached' });

  await bob.button('Chat').click();
  await bob.button('Close').click();
  await panel.waitFor({ state: 'detached' });
  assert.ok(await bob.button('Leave').isVisible());
  await until('nothing of this is left in the history', async () => {
    await bob.page.goBack();
    return bob.page.url() === server.url;
  });
  await bob.assertNoProblems();
});

/** A keyboard on the screen: browsers say of it only how much of the window is left. */
function fakeKeyboard() {
  const view = Object.assign(new EventTarget(), { height: innerHeight, offsetTop: 0, scale: 1 });
  Object.defineProperty(globalThis, 'visualViewport', { value: view });
  Object.assign(globalThis, {
    setKeyboard: (/** @type {number} */ height) => {
      view.height = innerHeight - height;
      view.dispatchEvent(new Event('resize'));
    },
  });
}

everywhere('the keyboard of a phone does not hide what is typed', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t), PHONE);
  await bob.page.addInitScript(fakeKeyboard);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Chat').click();
  const bottom = async () => {
    const box = await bob.page.getByLabel('Message', { exact: true }).boundingBox();
    return box ? box.y + box.height : 0;
  };
  await until('the field is at the bottom', async () => await bottom() > 640);
  await bob.page.evaluate(() => Object(globalThis).setKeyboard(300));
  await until('the field is above the keyboard', async () => await bottom() <= 440);
  await bob.say('typed above the keyboard');
  await bob.page.getByRole('log').getByText('typed above').waitFor();
  await bob.page.evaluate(() => Object(globalThis).setKeyboard(0));
  await until('the field is at the bottom again', async () => await bottom() > 640);
  await bob.assertNoProblems();
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  everywhereIfAsked(`all of the card before the call is in sight on a phone in ${colorScheme} colours`, async (t, start) => {
    const server = await startServer(t);
    const bob = await Person.arrive(await start(t), { ...PHONE, colorScheme });
    await bob.page.goto(server.group('example'));
    await bob.switchOnDevices();
    const last = bob.page.getByText('Nothing is sent before you join.');
    await untilEqual('all of the card is in sight', () => last.evaluate((e) => Math.max(0, e.getBoundingClientRect().bottom - innerHeight)), 0);
    await untilEqual('the picture is as wide as the card', async () => (await bob.page.locator('.preview').boundingBox())?.width, 328);
    await assertAccessible(bob, 'pre-join');
    await assertFits(bob, 'pre-join');
    await bob.assertNoProblems();
  });
}

/** Runs before the page's own scripts: counts how many things keep the screen lit. */
function countLocks() {
  const { prototype } = globalThis.WakeLock;
  const { request } = prototype;
  Object.assign(globalThis, { locks: 0 });
  prototype.request = async function hold(type) {
    const lock = await request.call(this, type);
    Object(globalThis).locks++;
    lock.addEventListener('release', () => { Object(globalThis).locks--; });
    return lock;
  };
}

test('the screen of a phone stays lit as long as the call, in Chromium', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startChromium(t), PHONE);
  await bob.page.addInitScript(countLocks);
  const locks = () => bob.page.evaluate(() => Object(globalThis).locks);
  await bob.page.goto(server.group('example'));
  await bob.button('Join').waitFor();
  assert.equal(await locks(), 0);
  await bob.enter('bob', 'secret');
  await untilEqual('it is kept lit', locks, 1);
  await bob.button('Leave').click();
  await untilEqual('it may go dark', locks, 0);
  await bob.assertNoProblems();
});

test('the page can be installed: its manifest is right and its icons are there, in Chromium', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startChromium(t), PHONE);
  await bob.page.goto(server.group('example'));
  await bob.button('Join').waitFor();
  const session = await bob.page.context().newCDPSession(bob.page);
  const { url, errors, data } = await session.send('Page.getAppManifest');
  assert.deepEqual([errors, new URL(url).origin], [[], new URL(server.url).origin]);
  const { icons, name, display } = JSON.parse(data ?? '{}');
  assert.ok(name && display === 'standalone' && icons.some((/** @type {{sizes: string}} */ i) => i.sizes === '512x512'), data);
  for (const { src, sizes, type } of icons) {
    const answer = await bob.page.request.get(new URL(src, url).href);
    assert.equal(answer.headers()['content-type'], type);
    if (type !== 'image/png') continue;
    const png = await answer.body();
    assert.equal(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, sizes, src);
  }
  await bob.assertNoProblems();
});
