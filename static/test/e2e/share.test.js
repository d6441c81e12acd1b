import assert from 'node:assert/strict';
import { everywhere } from './support/browsers.js';
import { isFirefox, Person } from './support/person.js';
import { drawScreens } from './support/screen.js';
import { startServer } from './support/server.js';
import { until, untilEqual, untilMediaFlows } from './support/wait.js';

everywhere('a shared screen takes the stage beside the camera, with its sound, and goes', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  // Bob holds his phone upright.
  const [bob, alice] = [await Person.arrive(browser, { settings: { resolution: [360, 640] } }), await Person.arrive(browser)];
  await bob.page.addInitScript(drawScreens);
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  // What alice hears is of the screen.
  await bob.button('Microphone').click();
  await alice.page.getByRole('group', { name: /^bob, camera on, muted/ }).waitFor();
  await bob.button('Share').click();
  await bob.page.getByRole('group', { name: 'Your screen' }).waitFor();
  const screen = alice.page.getByRole('group', { name: 'Screen of bob' });
  await screen.waitFor();
  await untilMediaFlows('alice', () => alice.media(), 2);
  await until('the screen is shown', async () => (await alice.media()).videos.some((v) => v.key === 'Screen of bob'));
  await until('it takes the stage', async () => ((await screen.boundingBox())?.width ?? 0) > 900);
  // Firefox has no upright camera among its fakes, and goes by the order in which pictures came.
  if (!isFirefox(alice.page)) {
    for (const [name, fit] of /** @type {const} */ ([['alice', 'cover'], ['bob', 'contain']])) {
      await untilEqual(`what is seen of ${name}`, () => alice.tile(name).locator('video').evaluate((v) => getComputedStyle(v).objectFit), fit);
    }
    await alice.page.getByRole('main').focus();
    /** @type {(string | undefined)[]} */
    const order = [];
    for (let i = 0; i < 20; i++) {
      await alice.page.keyboard.press('Tab');
      const label = await alice.page.evaluate(() => document.activeElement?.matches('.tile') && document.activeElement.getAttribute('aria-label'));
      if (label) order.push(label.split(',')[0]);
    }
    assert.deepEqual(order.slice(0, 3), ['Screen of bob', 'bob', 'alice'], 'Tab goes from picture to picture as they are seen');
  }
  await bob.button('Share').click();
  await screen.waitFor({ state: 'detached' });
  await alice.tile('bob').waitFor();
  for (const person of [bob, alice]) await person.assertNoProblems();
});
