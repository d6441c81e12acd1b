import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person, startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';
import { until } from './support/wait.js';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

test('on a phone the button for going back closes what is open, and never the call', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startChromium(t), PHONE);
  await bob.page.goto(server.url);
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

test('the keyboard of a phone does not hide what is typed', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startChromium(t), PHONE);
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

test('at 200 % a window of 1280 by 800 is still usable, and nothing moves for who does not want it', async (t) => {
  const server = await startServer(t);
  const browser = await startChromium(t);
  // Zooming makes pixels of the page larger, and the window smaller.
  const zoomed = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, reducedMotion: /** @type {const} */ ('reduce') };
  const [bob, alice] = [await Person.arrive(browser, zoomed), await Person.arrive(browser)];
  await bob.page.goto(server.url);
  await bob.page.getByLabel('Room name').waitFor();
  await assertFits(bob, 'landing');
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.tile('alice').waitFor();
  await assertFits(bob, 'call');
  await bob.button('Chat').click();
  await bob.page.getByLabel('Message', { exact: true }).waitFor();
  await assertFits(bob, 'chat');
  await assertAccessible(bob, 'chat');
  await bob.page.keyboard.press('Escape');
  await bob.page.keyboard.press(',');
  for (const tab of ['Audio', 'Video', 'Network', 'Accessibility', 'About']) {
    await bob.page.getByRole('tab', { name: tab }).click();
    await assertFits(bob, `settings, ${tab}`);
  }
  const moving = await bob.page.evaluate(() => document.getAnimations().filter((a) => a.playState === 'running').length);
  assert.equal(moving, 0);
  await bob.assertNoProblems();
});
