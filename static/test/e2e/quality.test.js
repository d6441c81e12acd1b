import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { assertAccessible } from './support/accessible.js';
import { CLIPBOARD, isFirefox, Person } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

/** @param {Person} person @param {string} name @param {string} entry of the menu of their tile */
async function choose(person, name, entry) {
  await person.tile(name).focus();
  await person.page.keyboard.press('.');
  await person.page.getByRole('menuitem', { name: entry }).click();
}

/** Who has no picture has a tile, too. */
const EVERYBODY = { settings: { displayAll: true } };

/** Stops what a page sends, or lets it go on. @param {boolean} active */
async function setSending(active) {
  for (const pc of Object(globalThis).peerConnections) {
    if (pc.signalingState === 'closed') continue;
    for (const sender of pc.getSenders()) {
      if (sender.track?.kind !== 'video') continue;
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) encoding.active = active;
      await sender.setParameters(parameters);
    }
  }
}

everywhereIfAsked('how a stream arrives is told, with numbers, and in a report that names nobody', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, CLIPBOARD), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await untilMediaFlows('bob', () => bob.media());
  const popover = bob.page.getByRole('dialog', { name: 'Connection of alice' });

  await t.test('the numbers of a tile', async () => {
    await choose(bob, 'alice', 'Connection');
    await popover.getByText('kbit/s').first().waitFor();
    // The first measurement may be from before anything came.
    const text = await until('there is a picture', async () => { const all = await popover.innerText(); return /a second/.test(all) && all; });
    for (const part of [/Round trip\s+\d+ ?ms/, /Lost\s+\d/, /Received\s+\d+/, /\d+×\d+, \d+ a second/, /direct, UDP/, /VP8/]) assert.match(text, part);
    await assertAccessible(bob, 'connection of a tile');
    await bob.page.keyboard.press('Escape');
    await popover.waitFor({ state: 'detached' });
  });

  await t.test('what our own picture takes is on our tile', async () => {
    // Firefox without a display has no pointer that could rest on something.
    await (isFirefox(bob.page) ? bob.tile('bob').focus() : bob.tile('bob').hover());
    await bob.tile('bob').getByText(/^\d+(\+\d+)* kbit\/s$/).waitFor();
  });

  await t.test('all numbers, and the report', async () => {
    await bob.button('More').click();
    await bob.page.getByRole('menuitem', { name: 'Connection' }).click();
    const dialog = bob.page.getByRole('dialog', { name: 'Connection' });
    await dialog.getByText('VP8').first().waitFor();
    await assertAccessible(bob, 'connection');
    await dialog.getByRole('button', { name: 'Report a problem' }).click();
    const report = bob.page.getByRole('dialog', { name: 'Report a problem' });
    await until('it is there', async () => await report.getByRole('textbox').inputValue() !== '');
    await assertAccessible(bob, 'report');
    await report.getByRole('button', { name: 'Copy' }).click();
    await bob.page.getByText('The report is copied.').first().waitFor({ state: 'attached' });
    const copied = await bob.page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^Browser: .*(Chrome|Firefox)/m);
    assert.match(copied, /^Server: galene \S+ go1/m);
    assert.match(copied, /received camera, (connected|completed).*direct udp, round trip \d+ ms, lost \d/);
    assert.doesNotMatch(copied, /alice|bob|example|secret/i);
    await bob.page.keyboard.press('Escape');
  });

  await t.test('a picture that stands still says so, and whose fault it is', async () => {
    await alice.page.evaluate(setSending, false);
    const mark = bob.button('Poor connection. The connection of alice is weak.');
    await mark.waitFor();
    await bob.tile('alice').getByText('Poor connection', { exact: true }).waitFor();
    await assertAccessible(bob, 'poor connection');
    await mark.click();
    await popover.getByText('The connection of alice is weak.').waitFor();
    await bob.page.keyboard.press('Escape');
    await alice.page.evaluate(setSending, true);
    await mark.waitFor({ state: 'detached' });
  });
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('what one does not want to see: tiles hidden, people without a picture, who speaks', async (t, start) => {
  const users = { ...GROUP.users, carol: { password: 'quiet', permissions: 'present' } };
  const server = await startServer(t, { example: { ...GROUP, users } });
  const browser = await start(t);
  const [bob, alice, carol] = [await Person.arrive(browser, EVERYBODY), await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await carol.join(server.group('example'), 'carol', 'quiet', { devices: false });
  await carol.button('Microphone').click();
  await bob.page.getByRole('group', { name: /^carol, camera off, microphone on/i }).waitFor();
  await untilMediaFlows('bob', () => bob.media(), 2);

  await t.test('a hidden tile is heard and not received', async () => {
    await choose(bob, 'alice', 'Hide for me');
    await until('it is away', async () => await bob.page.locator('.tile:not(.away)').count() === 2);
    await until('no frames come while sound goes on', async () => {
      const before = await bob.media();
      const after = await until('sound goes on', async () => {
        const m = await bob.media();
        return m.energy > before.energy ? m : false;
      });
      return after.frames === before.frames;
    });
    await bob.button(/^Layout/).click();
    await assertAccessible(bob, 'menu of layouts with hidden tiles');
    await bob.page.getByRole('menuitem', { name: 'Show what you hid (1)' }).click();
    let before = (await bob.media()).frames;
    await until('pictures are back', async () => {
      const { frames } = await bob.media();
      // Firefox counts anew.
      if (frames < before) before = frames;
      return frames > before + 10;
    });
  });

  await t.test('people without a picture are named below the pictures', async () => {
    await bob.button(/^Layout/).click();
    await bob.page.getByRole('menuitemcheckbox', { name: 'People without a picture' }).click();
    await bob.page.getByRole('list', { name: 'Heard without a picture' }).getByText('carol').waitFor();
    await until('no tile', async () => await bob.page.locator('.tile:not(.away)').count() === 2);
    await assertAccessible(bob, 'people without a picture');
    await carol.button('Camera').click();
    await until('a tile again', async () => await bob.page.locator('.tile:not(.away)').count() === 3);
  });

  await t.test('who speaks has a frame when that is switched on', async () => {
    await bob.page.keyboard.press('c');
    await bob.say('/set activityDetection');
    await bob.page.locator('.tile.speaking').first().waitFor();
    await bob.button('People').click();
    await bob.page.getByRole('listitem').filter({ hasText: 'alice' }).getByRole('img', { name: 'speaking' }).waitFor();
    await bob.button('Chat').click();
    await bob.say('/unset activityDetection');
    await until('no frames', async () => await bob.page.locator('.tile.speaking').count() === 0);
  });

  await t.test('what everybody suffers from, while nothing gets lost, is the fault of the server', async () => {
    for (const { page } of [alice, carol]) await page.evaluate(setSending, false);
    for (const name of ['alice', 'carol']) await bob.tile(name).getByRole('button', { name: 'Poor connection. The server does not keep up.' }).waitFor();
  });
  for (const person of [bob, alice, carol]) await person.assertNoProblems();
});
