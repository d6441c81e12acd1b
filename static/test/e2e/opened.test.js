// Everything that opens in a call is accessible: in either theme, from left to right and from right to left, on a desk and on a phone.

import { readFile } from 'node:fs/promises';
import { everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

/** What lies over the page. */
const OPENED = '[role="menu"], [role="dialog"], dialog[open]';
/** Icons of the entries of menus that open something more. */
const OPENING = ['user-plus', 'lock', 'signal', 'clipboard', 'settings', 'keyboard', 'megaphone', 'door-open', 'volume-2'];
/** Those that act at once although their icon is that of one that opens: a person becomes an operator. */
const IN_TILES = '.tile, .panel';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

for (const [colorScheme, locale, device] of /** @type {const} */ ([['light', 'en-GB', 'desk'], ['dark', 'ar', 'phone']])) {
  everywhereIfAsked(`menus, dialogs and popovers are accessible in ${colorScheme} colours, ${locale}, on a ${device}`, async (t, start) => {
    const server = await startServer(t, { example: { ...GROUP, 'allow-recording': true } });
    const browser = await start(t);
    const [bob, alice] = [await Person.arrive(browser, { colorScheme, locale, ...(device === 'phone' ? PHONE : {}) }), await Person.arrive(browser)];
    const { page } = bob;
    await alice.join(server.group('example'), 'alice', 'wonder');
    await page.goto(server.group('example'));
    await page.locator('#username').fill('bob');
    await page.locator('#password').fill('secret');
    await page.keyboard.press('Enter');
    await page.locator('.call').waitFor();
    await untilMediaFlows('bob', () => bob.media());
    await page.keyboard.press('c');
    await page.locator('.compose textarea').fill('hello');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('hello').waitFor();
    const texts = JSON.parse(await readFile(new URL(`../../locales/${locale.slice(0, 2)}.json`, import.meta.url), 'utf8'));
    const opened = page.locator(OPENED);
    const close = async () => {
      await until('it is closed', async () => {
        if (await opened.count() === 0) return true;
        await page.keyboard.press('Escape');
        return false;
      });
    };
    /** Presses what has this place among all that match. @param {string} selector @param {number} n */
    const press = (selector, n) => page.locator(selector).nth(n).evaluate((e) => /** @type {HTMLElement} */ (e).click());

    /** @param {string} where */
    const everythingOpens = async (where) => {
      const openers = `${where} button[aria-haspopup]`;
      const count = await page.locator(openers).count();
      for (let i = 0; i < count; i++) {
        const name = await page.locator(openers).nth(i).getAttribute('aria-label');
        await press(openers, i);
        await opened.first().waitFor();
        await assertAccessible(bob, `${name}`, OPENED);
        // The test of the loudspeaker is heard, and nothing opens.
        const icons = await opened.getByRole('menuitem').evaluateAll((list, test) =>
          list.map((e) => (e.textContent === test ? '' : e.querySelector('use')?.getAttribute('href')?.replace(/^.*#/, '') ?? '')), texts['devices.testSpeaker']);
        const acts = await page.locator(openers).nth(i).evaluate((e, within) => e.closest(within) !== null, IN_TILES);
        await close();
        for (const [n, icon] of icons.entries()) {
          if (!OPENING.includes(icon) || (acts && icon === 'user-plus')) continue;
          await press(openers, i);
          await opened.first().waitFor();
          await press('[role="menu"] [role="menuitem"]', n);
          await page.locator('[role="menu"]').waitFor({ state: 'detached' });
          await opened.first().waitFor();
          const tabs = await opened.first().getByRole('tab').count();
          for (let tab = 0; tab < Math.max(1, tabs); tab++) {
            if (tabs > 0) await press('[role="tab"]', tab);
            await assertAccessible(bob, `${name}, ${icon}, ${tab}`, OPENED);
          }
          await close();
        }
      }
    };
    await t.test('from the top, the stage and the toolbar', () => everythingOpens(':is(.top, .tile:not(.away), .bar-tools)'));
    await t.test('from the chat', () => everythingOpens('.panel'));
    await page.locator('.stage').focus();
    await page.keyboard.press('p');
    await page.locator('.panel .list').waitFor();
    await t.test('from the list of people', () => everythingOpens('.panel'));
    await t.test('dialogs that other things open', () => otherDialogs(bob, texts, close));
    await bob.assertNoProblems();
  });
}

/**
 * Those that no menu opens.
 * @param {Person} bob
 * @param {Record<string, string>} texts in their language
 * @param {() => Promise<void>} close
 */
async function otherDialogs(bob, texts, close) {
  const { page } = bob;
  /** Presses what has these words, or this name, in whatever language, and even if something lies over it. @param {string} key of the text */
  const press = (key) => page.getByText(texts[key], { exact: true }).or(page.getByRole('button', { name: texts[key], exact: true })).first()
    .evaluate((e) => /** @type {HTMLElement | null} */ (e.closest('button, [role="menuitem"]'))?.click());
  /** @param {string} what */
  const looks = async (what) => {
    await page.locator('dialog[open]').waitFor();
    await assertAccessible(bob, what, OPENED);
    await assertFits(bob, what);
  };
  await page.locator('.stage').focus();
  await page.keyboard.press('c');
  await page.locator('.compose').waitFor();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press('chat.file')]);
  await chooser.setFiles({ name: 'a file with quite a long name, as they come from cameras and offices.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(100) });
  await looks('whom a file goes to');
  await close();
  await press('toolbar.more');
  await press('toolbar.room');
  await looks('the room');
  await press('room.clear');
  await page.getByText(texts['room.clearTitle']).waitFor();
  await looks('a question');
  await close();
  await press('toolbar.more');
  await press('people.invite');
  await looks('an invitation');
  await press('invite.custom');
  await looks('an invitation with times of its own');
  await press('invite.create');
  await page.getByRole('img', { name: texts['invite.qr'] }).waitFor();
  await looks('a link');
  await close();
  await page.locator('.stage').focus();
  await page.keyboard.press('?');
  await looks('the keys');
  await close();
}
