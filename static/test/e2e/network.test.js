import assert from 'node:assert/strict';
import { namespacesAllowed, startLink } from '../network/link.js';
import { ALL_ASKED, everywhere, everywhereIfAsked } from './support/browsers.js';
import { FIREFOX, startFirefoxWith } from './support/firefox.js';
import { Person, SERVER_GONE, WHOLE_CAMERA } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { drawScreens } from './support/screen.js';
import { until, untilEqual, untilMediaFlows } from './support/wait.js';

const GROUP = { 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } };

/** Delay of every packet in each direction, ms. */
const DELAY = 20;

/** Half a minute: as long as the server keeps the seat of somebody whose line is gone, ms. */
const OUTAGE = 30_000;

/**
 * Two people in a call, alice behind the link.
 * @param {import('node:test').TestContext} t
 * @param {string} name of the browser of alice
 */
async function call(t, name) {
  const link = await startLink(t, { call: GROUP });
  const whole = { settings: WHOLE_CAMERA };
  const bob = await Person.arrive(await startChromium(t, [], await link.near('/usr/bin/chromium')), whole);
  const alice = await Person.arrive(await (name === 'Firefox' ? startFirefoxWith(t, {}, { program: await link.far(FIREFOX) }) : startChromium(t, [], await link.far('/usr/bin/chromium'))), whole);
  await alice.page.addInitScript(drawScreens);
  await link.set({ down: { delay: DELAY }, up: { delay: DELAY } });
  await bob.join(`${link.url}group/call/`, 'bob', 'x');
  await alice.join(`${link.url}group/call/`, 'alice', 'x');
  return { link, bob, alice };
}

/** How many packets of sound a page has received, and how many of them it still misses. @returns {Promise<{received: number, lost: number}>} */
async function sound() {
  const sum = { received: 0, lost: 0 };
  for (const pc of Object(globalThis).peerConnections) {
    if (pc.signalingState === 'closed') continue;
    (await pc.getStats()).forEach((/** @type {any} */ s) => {
      if (s.type !== 'inbound-rtp' || s.kind !== 'audio') return;
      sum.received += s.packetsReceived;
      sum.lost += s.packetsLost;
    });
  }
  return sum;
}

everywhereIfAsked('a call goes on over a bad line', async (t, _, name) => {
  if (!namespacesAllowed()) {
    t.skip('network namespaces cannot be made here');
    return;
  }
  const { link, bob, alice } = await call(t, name);

  /** Both see and hear each other for a while. */
  const goesOn = async () => {
    await Promise.all([alice, bob].map(async (person) => {
      const before = await person.media();
      await until('twenty more pictures, and sound', async () => {
        const now = await person.media();
        return now.frames >= before.frames + 20 && now.energy > before.energy;
      });
    }));
  };
  await untilMediaFlows('alice', () => alice.media());
  await goesOn();

  await t.test('that loses a fifth of all packets', async () => {
    const before = await bob.page.evaluate(sound);
    await link.set({ down: { delay: DELAY, loss: 0.2 }, up: { delay: DELAY, loss: 0.2 } });
    await Promise.all([goesOn(), alice.tile('bob').getByRole('button', { name: /connection\. Your own connection is weak\.$/ }).waitFor()]);
    // What alice's line loses on its way to the server is asked for there: of a fifth, next to nothing is left.
    const after = await until('200 more packets of her sound', async () => {
      const now = await bob.page.evaluate(sound);
      return now.received >= before.received + 200 && now;
    });
    const lost = after.lost - before.lost;
    assert.ok(lost < 0.1 * (after.received - before.received), `${lost} of ${after.received - before.received} packets of alice's sound are lost`);
  });

  await t.test('that is thin', async () => {
    await link.set({ down: { delay: DELAY, rate: 300_000 }, up: { delay: DELAY, rate: 300_000 } });
    await goesOn();
  });

  await t.test('that was down for some seconds', async () => {
    await link.set({ down: { rate: -1 }, up: { rate: -1 } });
    await new Promise((resolve) => { setTimeout(resolve, 5000); });
    await link.set({ down: { delay: DELAY }, up: { delay: DELAY } });
    await goesOn();
  });

  await t.test('that is another network all of a sudden', async (step) => {
    const seen = await bob.tile('alice').elementHandle();
    await link.set({ address: '10.99.0.3' });
    const moved = Date.now();
    const { frames } = await alice.media();
    await until('alice sees moving pictures', async () => (await alice.media()).frames >= frames + 20);
    step.diagnostic(`twenty pictures after ${Date.now() - moved} ms`);
    await goesOn();
    assert.ok(await seen?.evaluate((tile) => tile.isConnected), 'for bob, alice has never left');
    await until('nothing is said of a loss any more', async () => await alice.page.getByText('Connection lost. Reconnecting…').count() === 0);
  });

  await t.test('whose NAT has forgotten it', async () => {
    await link.set({ rebind: true });
    await goesOn();
  });

  assert.equal((await alice.media()).received, 1);
  // A socket that led nowhere was given up while it was opened.
  await alice.assertNoProblems(SERVER_GONE);
  await bob.assertNoProblems();
});

if (ALL_ASKED) everywhere('after half a minute without a network all is on that was, and no dialog is open', async (t, _, name) => {
  if (!namespacesAllowed()) {
    t.skip('network namespaces cannot be made here');
    return;
  }
  const { link, bob, alice } = await call(t, name);
  await alice.button('Share').click();
  await alice.button('Hand').click();
  const lost = alice.page.getByText('Connection lost. Reconnecting…').first();
  const tiles = (/** @type {Person} */ { page }) => page.locator('.tile').evaluateAll((list) => list.map((e) => e.getAttribute('aria-label')).sort());
  const [toBob, toAlice] = [
    ['Screen of alice', 'alice, camera on, microphone on, Hand raised', 'bob, (you), camera on, microphone on'],
    ['Your screen', 'alice, (you), camera on, microphone on, Hand raised', 'bob, camera on, microphone on'],
  ];
  /** What is on. @param {string} when */
  const allIsOn = async (when) => {
    await Promise.all([untilMediaFlows('bob', () => bob.media(), 2), untilMediaFlows('alice', () => alice.media())]);
    await untilEqual(`what bob sees ${when}`, () => tiles(bob), toBob);
    await untilEqual(`what alice sees ${when}`, () => tiles(alice), toAlice);
    for (const device of ['Microphone', 'Camera']) await alice.page.locator(`button[aria-label="${device}"][aria-pressed="true"][aria-disabled="false"]`).waitFor();
  };
  await allIsOn('before');
  await link.set({ down: { rate: -1 }, up: { rate: -1 } });
  const down = Date.now();
  await lost.waitFor();
  await new Promise((resolve) => { setTimeout(resolve, down + OUTAGE - Date.now()); });
  await link.set({ down: { delay: DELAY }, up: { delay: DELAY } });
  await lost.waitFor({ state: 'detached' });
  await allIsOn('afterwards');
  for (const { page } of [bob, alice]) assert.equal(await page.getByRole('dialog').or(page.getByRole('alertdialog')).count(), 0, 'no dialog is open');
  await alice.assertNoProblems([...SERVER_GONE, /ICE failed, add a STUN server/]);
  await bob.assertNoProblems();
});
