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
  /** Where in the history of the window the page is, as far as the browser says so. */
  const at = () => bob.page.evaluate(() => Object(globalThis).navigation?.currentEntry.index ?? null);
  const call = await at();
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
  await untilEqual('nothing of this is left in the history', at, call);

  // What is opened before the browser has left what was closed.
  await bob.button('Chat').click();
  await panel.waitFor();
  await bob.page.evaluate(() => {
    for (const name of ['Close', 'Chat']) /** @type {HTMLElement | null} */ (document.querySelector(`button[aria-label="${name}"]`))?.click();
  });
  await untilEqual('it has an entry of its own', at, call && call + 1);
  await panel.waitFor();
  await bob.page.goBack();
  await panel.waitFor({ state: 'detached' });
  assert.ok(await bob.button('Leave').isVisible());
  await untilEqual('nothing of that is left in the history either', at, call);
  await until('the way back leads out of the call', async () => {
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

/**
 * Runs in the page: what is to be touched although the shape of the screen or the bar of the system is in the way.
 * @param {{left?: number, right?: number, bottom?: number}} insets
 */
function outOfReach({ left = 0, right = 0, bottom = 0 }) {
  return [...document.querySelectorAll('button, input, textarea, a')].filter((e) => {
    const r = e.getBoundingClientRect();
    return e.checkVisibility() && r.width > 1 && (r.left < left || r.right > innerWidth - right || r.bottom > innerHeight - bottom);
  }).map((e) => `${e.className}: ${e.getAttribute('aria-label') ?? e.textContent}`);
}

test('nothing is to be touched where a phone has its notch, its round corners or a bar of the system, in Chromium', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startChromium(t), PHONE);
  const session = await bob.page.context().newCDPSession(bob.page);
  /** @param {string} where @param {import('playwright-core').ViewportSize} size @param {{top?: number, left?: number, right?: number, bottom?: number}} insets @param {boolean} [scrolls] what is below can be had */
  async function turn(where, size, insets, scrolls = false) {
    await bob.page.setViewportSize(size);
    await session.send('Emulation.setSafeAreaInsetsOverride', { insets: { top: 0, left: 0, right: 0, bottom: 0, ...insets } });
    await untilEqual(where, () => bob.page.evaluate(outOfReach, scrolls ? { ...insets, bottom: -Infinity } : insets), []);
  }
  const upright = /** @type {const} */ ([PHONE.viewport, { top: 47, bottom: 34 }]);
  const aside = /** @type {const} */ ([{ width: 812, height: 375 }, { left: 47, right: 47, bottom: 21 }]);
  await bob.page.goto(server.group('example'));
  await bob.button('Join').waitFor();
  await turn('pre-join', ...aside, true);
  await bob.enter('bob', 'secret');
  await bob.button('Leave').waitFor();
  await turn('call on its side', ...aside);
  await turn('call', ...upright);
  await bob.button('Chat').click();
  await bob.button('Send').waitFor();
  await turn('chat', ...upright);
  await turn('chat on its side', ...aside);
  await bob.assertNoProblems();
});
