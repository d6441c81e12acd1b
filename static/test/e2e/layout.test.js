import assert from 'node:assert/strict';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

/** Who has no picture has a tile, too. */
const EVERYBODY = { settings: { displayAll: true } };

/** @param {Person} person @param {string} name @returns {Promise<number>} width of a tile */
const widthOf = async (person, name) => (await person.tile(name).boundingBox())?.width ?? 0;

/**
 * Bob sees alice and carol, who has no devices on.
 * @param {import('node:test').TestContext} t
 * @param {import('./support/browsers.js').Start} start
 */
async function three(t, start) {
  const users = { ...GROUP.users, carol: { password: 'quiet', permissions: 'present' } };
  const server = await startServer(t, { example: { ...GROUP, users } });
  const browser = await start(t);
  const [bob, alice, carol] = [await Person.arrive(browser, EVERYBODY), await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await carol.join(server.group('example'), 'carol', 'quiet', { devices: false });
  await bob.tile('carol').waitFor();
  await untilMediaFlows('bob', () => bob.media());
  return { server, browser, bob, alice };
}

everywhere('layouts, pins, volume, and what is not seen', async (t, start) => {
  const { bob, alice } = await three(t, start);
  const video = await bob.tile('alice').locator('video').elementHandle();
  const keys = bob.page.keyboard;

  await t.test('a layout is chosen in the top bar and by key, and remembered', async () => {
    await bob.button(/^Layout/).click();
    await bob.page.getByRole('menuitemradio', { name: 'Auto', checked: true }).waitFor();
    await assertAccessible(bob, 'menu of layouts');
    await bob.page.getByRole('menuitemradio', { name: 'Sidebar' }).click();
    await until('one picture is large', async () => Math.max(await widthOf(bob, 'alice'), await widthOf(bob, 'carol')) > 900);
    await assertAccessible(bob, 'sidebar');
    await keys.press('w');
    await until('only one is seen', async () => await bob.page.locator('.tile:not(.away, .me)').count() === 1);
    await assertAccessible(bob, 'spotlight');
    assert.equal(JSON.parse(await bob.page.evaluate(() => localStorage.getItem('settings') ?? '')).layout, 'spotlight');
    await keys.press('w');
    await until('everybody is seen', async () => await bob.page.locator('.tile.away').count() === 0);
  });

  await t.test('a double click pins, a second one fills the screen; keys do the same', async () => {
    await bob.doubleClick(bob.tile('carol'), { x: 40, y: 100 });
    await until('carol is large', async () => await widthOf(bob, 'carol') > 900);
    await bob.doubleClick(bob.tile('carol'), { x: 40, y: 100 });
    await until('carol fills the screen', () => bob.page.evaluate(() => document.fullscreenElement?.getAttribute('data-key')?.startsWith('user:') ?? false));
    await bob.page.evaluate(() => document.exitFullscreen());
    await keys.press('0');
    await until('nobody is large', async () => await widthOf(bob, 'carol') < 700);
    await bob.tile('alice').focus();
    await keys.press('Enter');
    await until('alice is large', async () => await widthOf(bob, 'alice') > 900);
    await keys.press('.');
    await bob.page.getByRole('menuitem', { name: 'Unpin' }).waitFor();
    await assertAccessible(bob, 'menu of a tile');
    await keys.press('Enter');
    await until('nobody is large', async () => await widthOf(bob, 'alice') < 700);
  });

  await t.test('the volume of one person is changed on the tile, and stays through another stream', async () => {
    await bob.tile('alice').hover();
    await bob.button('Volume of alice').click();
    await assertAccessible(bob, 'volume');
    await bob.page.getByRole('slider', { name: 'Volume of alice' }).fill('40');
    const volume = () => bob.tile('alice').locator('video').evaluate((v) => /** @type {HTMLVideoElement} */ (v).volume);
    await until('it is lower', async () => Math.abs(await volume() - 0.4) < 0.01);
    await keys.press('Escape');
    await alice.button('Camera').click();
    await bob.page.getByRole('group', { name: /^alice, camera off/ }).waitFor();
    await alice.button('Camera').click();
    await bob.page.getByRole('group', { name: /^alice, camera on/ }).waitFor();
    assert.ok(Math.abs(await volume() - 0.4) < 0.01);
  });

  await t.test('the picture of who is not seen is not received, and comes back', async () => {
    await bob.tile('carol').focus();
    await keys.press('Enter');
    await bob.button(/^Layout/).click();
    await bob.page.getByRole('menuitemradio', { name: 'Spotlight' }).click();
    await until('no frames come while sound goes on', async () => {
      const before = await bob.media();
      const after = await until('sound goes on', async () => {
        const m = await bob.media();
        return m.energy > before.energy ? m : false;
      });
      return after.frames === before.frames;
    });
    await keys.press('w');
    await untilMediaFlows('bob', () => bob.media());
  });
  assert.ok(await video?.evaluate((v) => v.isConnected), 'the picture has never left the document');
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('a phone: upright and on its side, our own picture dragged to another corner', async (t, start) => {
  const { server, browser } = await three(t, start);
  const options = { ...EVERYBODY, viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
  const eve = await Person.arrive(browser, options);
  await eve.join(server.group('example'), 'bob', 'secret');
  const own = eve.page.locator('.tile.me.float');
  await own.waitFor();
  const box = await until('it is in a corner', async () => { const b = await own.boundingBox(); return b !== null && b.x > 180 && b.y > 370 && b; });
  await eve.page.mouse.move(box.x + 48, box.y + 90);
  await eve.page.mouse.down();
  await eve.page.mouse.move(60, 150, { steps: 5 });
  await eve.page.mouse.up();
  await until('it is in another corner', async () => {
    const now = await own.boundingBox();
    return now !== null && now.x < 40 && now.y < 120;
  });
  await assertFits(eve, 'upright');
  await eve.page.setViewportSize({ width: 740, height: 360 });
  await until('the toolbar is beside the stage', async () => {
    const bar = await eve.page.getByRole('toolbar').boundingBox();
    return bar !== null && bar.x < 80 && bar.height > 200;
  });
  await assertFits(eve, 'on its side');
  await assertAccessible(eve, 'on its side');
  await eve.assertNoProblems();
});
