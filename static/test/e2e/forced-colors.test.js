// Where the system chooses the colours: what is on, chosen or open is still told apart.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';
import { startChromium } from './support/chromium.js';
import { until } from './support/wait.js';

test('where the system chooses the colours one sees what is on, what is chosen, and where things end, in Chromium', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startChromium(t), { forcedColors: 'active', reducedMotion: 'reduce' });
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  /**
   * What is drawn differs when something has changed, also where a pointer or the focus is not.
   * @param {import('playwright-core').Locator} control
   * @param {string} where
   * @param {() => Promise<unknown>} change
   */
  const assertShown = async (control, where, change) => {
    const draw = async () => {
      await bob.page.mouse.move(0, 0);
      await bob.page.evaluate(() => { if (document.activeElement instanceof HTMLElement) document.activeElement.blur(); });
      return control.screenshot({ animations: 'disabled' });
    };
    const before = await draw();
    await change();
    await until(`${where} is drawn otherwise`, async () => !before.equals(await draw()));
  };
  const edge = (/** @type {import('playwright-core').Locator} */ part) => part.evaluate((e) => getComputedStyle(e).borderTopStyle);
  /** Words are not of the colour of their ground. @param {import('playwright-core').Locator} part */
  const readable = (part) => part.evaluate((e) => {
    const { backgroundColor, color, forcedColorAdjust } = Object(getComputedStyle(e));
    return backgroundColor !== color && forcedColorAdjust === 'none';
  });

  for (const name of ['Hand', 'Chat']) {
    await assertShown(bob.button(name), name, () => bob.button(name).click());
    assert.ok(await readable(bob.button(name)), name);
  }
  const panel = bob.page.getByRole('complementary', { name: 'Chat' });
  assert.equal(await edge(panel), 'solid', 'panel');
  await assertShown(bob.page.getByRole('tab', { name: 'People' }), 'tab', () => bob.page.getByRole('tab', { name: 'People' }).click());
  await bob.button('More').click();
  assert.equal(await edge(bob.page.getByRole('menu')), 'solid', 'menu');
  await bob.page.getByRole('menuitem', { name: 'Settings' }).click();
  assert.equal(await edge(bob.page.getByRole('dialog')), 'solid', 'dialog');
  await bob.page.getByRole('tab', { name: 'Video' }).click();
  const mirror = bob.page.getByRole('switch', { name: 'Mirror my camera' });
  await assertShown(mirror, 'switch', () => mirror.click());
  assert.equal(await edge(mirror), 'solid', 'switch');
  const radio = bob.page.getByRole('radio', { name: '720p' });
  await assertShown(radio, 'choice', () => radio.click());
  assert.ok(await readable(radio), 'choice');
  await bob.assertNoProblems();
});
