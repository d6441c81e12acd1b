// The panel of people and chat, and what the buttons that open it say.

import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { assertAccessible } from './support/accessible.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';
import { until } from './support/wait.js';

everywhereIfAsked('the panel is made wider and narrower by its edge, never too narrow, and stays so', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Chat').click();
  const panel = bob.page.getByRole('complementary', { name: 'Chat' });
  const edge = bob.page.getByRole('separator', { name: 'Width of the panel' });
  const width = async () => Math.round((await panel.boundingBox())?.width ?? 0);
  const { mouse, keyboard } = bob.page;
  /** @param {number} by to the left */
  const drag = async (by) => {
    const box = await edge.boundingBox();
    assert.ok(box);
    const [x, y] = [box.x + box.width / 2, box.y + 200];
    await mouse.move(x, y);
    await mouse.down();
    await mouse.move(x - by / 2, y);
    await mouse.move(Math.max(0, x - by), y);
    await mouse.up();
  };
  assert.equal(await width(), 360);
  await drag(100);
  await until('it is wider', async () => await width() === 460);
  await drag(-400);
  await until('it is as narrow as it gets', async () => await width() === 300);
  await drag(1000);
  await until('half of the window is left to the pictures', async () => await width() === 640);
  await bob.doubleClick(edge);
  await until('it is as it was', async () => await width() === 360);
  await edge.focus();
  await keyboard.press('ArrowLeft');
  await until('a key makes it wider', async () => await width() === 380);
  assert.equal(await edge.getAttribute('aria-valuenow'), '380');
  await assertAccessible(bob, 'panel');
  await bob.button('Leave').click();
  await bob.button('Rejoin').click();
  await bob.button('People').click();
  await until('it is as wide as it was made', async () => Math.round((await bob.page.getByRole('complementary', { name: 'People' }).boundingBox())?.width ?? 0) === 380);
  await bob.assertNoProblems();
});

everywhereIfAsked('a menu for which there is no room below or above lies beside the panel, and on a phone over it', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('People').click();
  const opener = bob.button('Menu for alice');
  const boxes = () => Promise.all([bob.page.getByRole('menu'), opener, bob.page.getByRole('complementary')].map(async (place) => {
    const { x = NaN, y = NaN, width = NaN, height = NaN } = await place.boundingBox() ?? {};
    return { left: x, right: x + width, top: y, bottom: y + height };
  }));
  for (const [height, beside] of /** @type {const} */ ([[1000, false], [600, true]])) {
    await bob.page.setViewportSize({ width: 1280, height });
    await opener.click();
    await until(`in a window ${height} high`, async () => {
      const [menu, dots, panel] = await boxes();
      if (!menu || !dots || !panel) return false;
      return menu.top >= 0 && menu.bottom <= height && (beside ? menu.right < panel.left : menu.top > dots.top);
    });
    await assertAccessible(bob, `menu in a window ${height} high`);
    await bob.page.keyboard.press('Escape');
  }
  await bob.page.setViewportSize({ width: 360, height: 740 });
  await opener.click();
  await until('on a phone', async () => {
    const [menu] = await boxes();
    return menu !== undefined && menu.left >= 0 && menu.right <= 360 && menu.bottom <= 740;
  });
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('tooltips name the key that a person has chosen, and none where keys are switched off', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  for (const [settings, titles] of /** @type {const} */ ([
    [{ keys: { chat: 'x', people: '' } }, ['Chat (X)', 'People', 'Raise your hand (R)']], [{ shortcuts: false }, ['Chat', 'People', 'Raise your hand']],
  ])) {
    const bob = await Person.arrive(browser, { settings });
    await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
    assert.deepEqual(await Promise.all(['Chat', 'People', 'Hand'].map((name) => bob.button(name).getAttribute('title'))), titles);
    await bob.assertNoProblems();
  }
});
