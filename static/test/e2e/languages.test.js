import assert from 'node:assert/strict';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { until } from './support/wait.js';

everywhere('the browser chooses the language, the person another one, and only its texts are fetched', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, public: true } });
  const browser = await start(t);
  const bob = await Person.arrive(browser, { locale: 'fr-CA' });
  /** @type {string[]} */
  const fetched = [];
  bob.page.on('request', (r) => {
    const name = /locales\/(\w+)\.json/.exec(r.url())?.[1];
    if (name) fetched.push(name);
  });
  await bob.page.goto(server.url);
  await bob.page.getByRole('heading', { name: 'Rejoindre une salle' }).waitFor();
  assert.deepEqual(fetched, ['fr']);
  await bob.page.getByLabel('Langue').selectOption('العربية');
  await bob.page.getByRole('heading', { name: 'الانضمام إلى غرفة' }).waitFor();
  assert.deepEqual(await bob.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), ['ar', 'rtl']);
  await assertAccessible(bob, 'landing in Arabic');
  await bob.page.goto(server.group('example'));
  await bob.page.getByLabel('اسمك').fill('bob');
  await bob.page.getByLabel('كلمة المرور', { exact: true }).fill('secret');
  await bob.button('انضمام').click();
  await bob.button('مغادرة').waitFor();
  await bob.button('الأشخاص').click();
  await bob.page.getByRole('complementary').waitFor();
  await until('the panel is on the left', () => bob.page.evaluate(() => {
    const [panel = 0, stage = 0] = ['panel', 'stage'].map((c) => document.querySelector(`.${c}`)?.getBoundingClientRect().left);
    return panel < stage;
  }));
  await assertAccessible(bob, 'call in Arabic');
  await bob.assertNoProblems();
});

everywhereIfAsked('a page whose texts cannot be had is in English, or in words, and in the right language once they can', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, public: true } });
  const bob = await Person.arrive(await start(t), { locale: 'fr-CA' });
  const { page } = bob;
  await page.route('**/locales/fr.json', (route) => route.abort());
  await page.goto(server.url);
  await page.getByRole('heading', { name: 'Join a room' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.unrouteAll();
  await page.getByRole('heading', { name: 'Rejoindre une salle' }).waitFor();

  await page.route('**/locales/*.json', (route) => route.abort());
  await page.goto(server.group('example'));
  await page.getByLabel('Name', { exact: true }).fill('bob');
  await page.getByLabel('Password', { exact: true }).fill('secret');
  await bob.button('Join').click();
  await bob.button('Leave').waitFor();
  await page.unrouteAll();
  await bob.button('Quitter').waitFor();
  // What the server writes is in English until then.
  await page.route('**/locales/**', (route) => route.abort());
  await page.goto(`${server.url}nowhere`);
  await page.getByRole('banner').waitFor();
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await bob.assertNoProblems([/ERR_FAILED/, /status of 404/, /warning: (Type)?Error/]);
});

for (const locale of ['ar', 'de', 'es', 'fr', 'it', 'pt']) {
  everywhereIfAsked(`nothing is cut off on a phone in ${locale}`, async (t, start) => {
    const server = await startServer(t, { example: { ...GROUP, public: true } });
    const bob = await Person.arrive(await start(t), { locale, viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    await bob.page.goto(server.url);
    await bob.page.locator('a.room').waitFor();
    await assertFits(bob, 'landing');
    await bob.page.goto(`${server.url}admin/`);
    await bob.page.locator('.account').waitFor();
    await assertFits(bob, 'rooms');
    await bob.page.goto(server.group('example'));
    await bob.page.locator('#username').fill('bob');
    await bob.page.locator('#password').fill('secret');
    await assertFits(bob, 'pre-join');
    await bob.page.locator('.preform [type="submit"]').click();
    await bob.page.locator('.leave').waitFor();
    await assertFits(bob, 'call');
    // The way out is where the line ends.
    const way = await bob.page.locator('.leave .i').evaluate((e) => getComputedStyle(e).transform);
    assert.equal(way, locale === 'ar' ? 'matrix(-1, 0, 0, 1, 0, 0)' : 'none');
    await bob.page.locator('.more > .tool').click();
    await bob.page.locator('.menu').waitFor();
    await assertFits(bob, 'more');
    await bob.page.locator('.menu [role="menuitem"]').first().click();
    await bob.page.locator('.ops').waitFor();
    await assertFits(bob, 'people');
    await bob.page.locator('.ops .btn').last().click();
    await bob.page.locator('dialog .seg').first().waitFor();
    await assertFits(bob, 'invitation');
    await bob.page.keyboard.press('Escape');
    await bob.page.locator('dialog').waitFor({ state: 'detached' });
    await bob.page.locator('.panel .close').click();
    await bob.page.locator('.more > .tool').click();
    await bob.page.locator('.menu [role="menuitem"]:has(use[href$="#lock"])').click();
    await bob.page.locator('dialog .lockbox').waitFor();
    await assertFits(bob, 'room');
    await bob.page.keyboard.press('Escape');
    await bob.page.locator('dialog').waitFor({ state: 'detached' });
    for (const key of [',', '?']) {
      await bob.page.keyboard.press(key);
      await bob.page.locator('dialog').waitFor();
      await assertFits(bob, `dialog ${key}`);
      await bob.page.keyboard.press('Escape');
      await bob.page.locator('dialog').waitFor({ state: 'detached' });
    }
    await bob.page.locator('.leave').click();
    await bob.page.locator('.lost').waitFor();
    await assertFits(bob, 'left');
    await bob.assertNoProblems();
  });
}
