// Large text on a small window, and nothing that moves.

import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person, SERVER_GONE } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilEqual } from './support/wait.js';

/** A window of 1280 x 800 at 200 %. */
const ZOOMED = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };

/**
 * Every control can be brought into sight, as a whole: nothing lies outside what can be scrolled to.
 * @param {Person} person
 * @param {string} where
 */
async function assertReachable({ page }, where) {
  await untilEqual(`${where}: all is reached`, () => page.evaluate(() => {
    const open = document.querySelector('dialog[open], [role="menu"]') ?? document;
    const out = [];
    for (const e of open.querySelectorAll('button, input, select, textarea, a[href]')) {
      if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('.sr')) continue;
      e.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const r = e.getBoundingClientRect();
      if (r.left < -1 || r.top < -1 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1) out.push(`${e.tagName} ${e.getAttribute('aria-label') ?? e.textContent}: ${Math.round(r.left)},${Math.round(r.top)} to ${Math.round(r.right)},${Math.round(r.bottom)}`);
    }
    return out;
  }), /** @type {string[]} */ ([]));
}

everywhereIfAsked('at 200 % everything can still be seen and reached', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, public: true, description: 'A room' } }, { users: { root: { password: 'geheim', permissions: 'admin' } }, writableGroups: true });
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, { ...ZOOMED, settings: { displayAll: true } }), await Person.arrive(browser)];
  const { page } = bob;
  /** @param {string} where */
  const holds = async (where) => {
    await assertFits(bob, where);
    await assertReachable(bob, where);
    await assertAccessible(bob, where);
  };
  await page.goto(server.url);
  await page.getByRole('link', { name: /example/ }).waitFor();
  await holds('landing');
  await page.goto(`${server.url}stats.html`);
  await bob.button('Sign in').waitFor();
  await holds('statistics, signed out');
  await page.goto(`${server.url}admin/`);
  await page.getByLabel('Name').fill('root');
  await page.getByLabel('Password').fill('geheim');
  await bob.button('Sign in').click();
  await page.getByRole('button', { name: /example/ }).click();
  await page.getByLabel('People at most').waitFor();
  await holds('rooms');
  await page.goto(server.group('example'));
  await bob.switchOnDevices();
  await holds('pre-join');
  await bob.enter('bob', 'secret');
  await bob.button('Leave').waitFor();
  await holds('alone');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.tile('alice').waitFor();
  await holds('call');
  await page.keyboard.press('c');
  await bob.say('hello');
  await page.getByRole('log').getByText('hello').waitFor();
  await holds('chat');
  await page.keyboard.press('Escape');
  await page.getByRole('complementary').waitFor({ state: 'detached' });
  await page.keyboard.press('p');
  await bob.button('Menu for alice').click();
  await page.getByRole('menu').waitFor();
  await holds('menu of a person');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await bob.button('More').click();
  await page.getByRole('menu').waitFor();
  await holds('more');
  await page.keyboard.press('Escape');
  await page.keyboard.press(',');
  for (const tab of ['Audio', 'Video', 'Network', 'Accessibility', 'About']) {
    await page.getByRole('tab', { name: tab }).click();
    await holds(`settings, ${tab}`);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await holds('shortcuts');
  // Statistics were asked for without a password.
  await bob.assertNoProblems([/status of 401/]);
});

everywhereIfAsked('with reduced motion nothing moves', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, { reducedMotion: 'reduce' }), await Person.arrive(browser, { settings: { stillness: true } })];
  /** @param {Person} person @param {string} where */
  const assertStill = async ({ page }, where) => {
    const moving = await page.evaluate(() => document.getAnimations().map((a) => Object(a).animationName ?? Object(a).transitionProperty));
    assert.deepEqual(moving, [], where);
    const durations = await page.evaluate(() => [...document.querySelectorAll('*')].map((e) => getComputedStyle(e)).filter((s) => s.animationName !== 'none' || s.transitionDuration.split(', ').some((d) => d !== '0s')).length);
    assert.equal(durations, 0, `${where}: nothing could`);
  };
  await bob.page.route('**/public-groups.json', () => {});
  await bob.page.goto(server.url);
  await bob.page.locator('.room.waiting').first().waitFor();
  await assertStill(bob, 'loading');
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.page.keyboard.press('c');
  await bob.page.getByRole('complementary').waitFor();
  await server.stop();
  for (const person of [bob, alice]) {
    await person.page.getByRole('alert').getByText('Connection lost').waitFor();
    await until('the circle of reconnecting is there', async () => await person.page.locator('.spin').count() > 0);
    await assertStill(person, 'reconnecting');
    await person.assertNoProblems(SERVER_GONE);
  }
});
