import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from './support/browsers.js';
import { assertAccessible } from './support/accessible.js';
import { Person, WHOLE_CAMERA } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { startFirefox } from './support/firefox.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

/**
 * Waits until somebody sees and hears the other, and is sent to the server.
 * @param {string} who
 * @param {Person} person
 */
async function untilGood(who, person) {
  await untilMediaFlows(who, () => person.media());
  const { ciphers } = await until(`${who} has one picture of the other and one of ourselves, and a cipher for each direction`, async () => {
    const media = await person.media();
    return media.videos.length === 2 && media.ciphers.length >= 2 && media;
  });
  for (const cipher of ciphers) assert.match(cipher, /^(SRTP_)?AEAD_AES_128_GCM$/);
}

everywhere('two people see and hear each other', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const bob = await Person.arrive(browser, { settings: WHOLE_CAMERA });
  const alice = await Person.arrive(browser, { settings: { ...WHOLE_CAMERA, activityDetection: true, displayAll: true } });
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await untilGood('alice', alice);
  await untilGood('bob', bob);

  await alice.page.getByRole('group', { name: /^bob, .*speaking/ }).waitFor();

  await t.test('a camera that is switched off gives way to initials, and comes back', async () => {
    const video = await alice.tile('bob').locator('video').elementHandle();
    await bob.button('Camera').click();
    await alice.page.getByRole('group', { name: /^bob, camera off, microphone on/ }).waitFor();
    await until('alice hears bob and gets no pictures', async () => {
      const before = await alice.media();
      const after = await until('sound goes on', async () => {
        const m = await alice.media();
        return m.energy > before.energy && m;
      });
      return after.frames === before.frames && after.videos.length === 1;
    });
    await bob.button('Camera').click();
    await alice.page.getByRole('group', { name: /^bob, camera on, microphone on/ }).waitFor();
    await untilMediaFlows('alice', () => alice.media());
    assert.ok(await video?.evaluate((v) => v.isConnected), 'the element stayed in the document');
  });

  await t.test('a muted microphone is silent, and the others see it', async () => {
    await bob.button('Microphone').click();
    await alice.page.getByRole('group', { name: /^bob, camera on, muted/ }).waitFor();
    // The fake microphone beeps once a second; two seconds of pictures without a beep are silence.
    await until('alice hears nothing', async () => {
      const before = await alice.media();
      const after = await until('two seconds of pictures', async () => {
        const m = await alice.media();
        return m.frames >= before.frames + 20 ? m : false;
      });
      return after.energy === before.energy;
    });
    await bob.button('Microphone').click();
    await alice.page.getByRole('group', { name: /^bob, camera on, microphone on/ }).waitFor();
  });

  await t.test('who leaves is gone', async () => {
    await bob.button('Leave').click();
    await bob.page.getByRole('heading', { name: 'You left.' }).waitFor();
    await alice.tile('bob').waitFor({ state: 'detached' });
    await assertAccessible(bob, 'left');
    await alice.page.getByText('You are the only one here.').waitFor();
    await bob.button('Rejoin').click();
    await untilMediaFlows('alice', () => alice.media());
  });

  await bob.assertNoProblems();
  await alice.assertNoProblems();
});

test('Chromium and Firefox see and hear each other', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startChromium(t), { settings: WHOLE_CAMERA });
  const alice = await Person.arrive(await startFirefox(t), { settings: WHOLE_CAMERA });
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await untilGood('bob', bob);
  await untilGood('alice', alice);
  await bob.assertNoProblems();
  await alice.assertNoProblems();
});
