// A page in a tab that is really hidden, by the counters of the browser: no pictures come, sound and our own picture go on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_ASKED } from './support/browsers.js';
import { lookAway, startFirefox } from './support/firefox.js';
import { Person, WHOLE_CAMERA } from './support/person.js';
import { startServer } from './support/server.js';
import { measureTiles } from './support/probe.js';
import { startTabs, TabPerson } from './support/tabs.js';
import { until } from './support/wait.js';

/** How long a page is hidden before its pictures are given up. */
const PATIENCE_ON_A_DESK = /HIDDEN_FOR = 30_000/;

/** On a desk that is half a minute, for which nobody has to wait here. @param {string} text of the module */
function lessPatient(text) {
  assert.match(text, PATIENCE_ON_A_DESK);
  return text.replace(PATIENCE_ON_A_DESK, 'HIDDEN_FOR = 4_000');
}

/** Runs in the page: how many frames of each encoding have been encoded. */
async function encoded() {
  /** @type {Record<string, number>} */
  const frames = {};
  for (const pc of Object(globalThis).peerConnections) {
    if (pc.signalingState === 'closed') continue;
    (await pc.getStats()).forEach((/** @type {any} */ s) => {
      if (s.type === 'outbound-rtp' && s.kind === 'video') frames[s.rid ?? ''] = s.framesEncoded ?? 0;
    });
  }
  return frames;
}

/** @typedef {{page: {evaluate: (f: typeof measureTiles) => ReturnType<typeof measureTiles>}}} Looking somebody in either browser */

/** @param {Looking} person @param {string} name */
const arriving = async (person, name) => (await person.page.evaluate(measureTiles))[name] ?? { width: 0, packets: 0, frames: 0, sound: 0 };

/**
 * Ten pictures more, and sound.
 * @param {Looking} person
 * @param {string} name
 */
async function untilSeen(person, name) {
  let before = await until(`pictures of ${name}`, async () => { const a = await arriving(person, name); return a.frames > 0 && a; });
  await until(`more pictures of ${name}`, async () => {
    const now = await arriving(person, name);
    // Another track has counters of its own.
    if (now.frames < before.frames) before = now;
    return now.frames >= before.frames + 10 && now.sound > before.sound;
  });
}

/**
 * Not one packet of the picture, and no frame, comes while the sound goes on.
 * @param {Looking} person
 * @param {string} name
 */
async function untilOnlyHeard(person, name) {
  await until(`only the sound of ${name}`, async () => {
    const before = await arriving(person, name);
    const after = await until('half a second of sound', async () => { const a = await arriving(person, name); return a.sound >= before.sound + 25 && a; });
    return after.packets === before.packets && after.frames === before.frames;
  });
}

for (const [device, viewport] of /** @type {const} */ ([
  ['phone', { width: 360, height: 740, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }], ['desk', { width: 1280, height: 800 }],
])) {
  test(`a hidden tab of a ${device} receives no pictures, hears and sends on, and sees again when it is shown`, async (t) => {
    const server = await startServer(t);
    const browser = await startTabs(t);
    const [bob, alice] = [await TabPerson.arrive(browser), await TabPerson.arrive(browser, { send: 'unlimited', simulcast: 'on', ...WHOLE_CAMERA })];
    await bob.page.setViewport(viewport);
    await bob.rewrite('app/subscribe.js', lessPatient);
    await bob.join(server.group('example'), 'bob', 'secret');
    await alice.join(server.group('example'), 'alice', 'wonder');
    await untilSeen(bob, 'alice');
    await untilSeen(alice, 'bob');

    const lookBack = await bob.lookAway();
    await until('the browser hides the page', async () => !await bob.visible());
    assert.ok(await alice.visible());
    await untilOnlyHeard(bob, 'alice');
    await untilSeen(alice, 'bob');
    await until('alice sends the least there is', async () => {
      const before = await alice.page.evaluate(encoded);
      const after = await until('ten more pictures', async () => { const f = await alice.page.evaluate(encoded); return (f['l'] ?? 0) >= (before['l'] ?? 0) + 10 && f; });
      return after['h'] === before['h'] && after['m'] === before['m'];
    });
    await untilOnlyHeard(bob, 'alice');

    await lookBack();
    await until('the browser shows the page', () => bob.visible());
    await untilSeen(bob, 'alice');
    assert.deepEqual([...bob.problems, ...alice.problems], []);
  });
}

for (const [device, options] of /** @type {const} */ ([['phone', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }], ['desk', {}]])) {
  if (device === 'desk' && !ALL_ASKED) continue;
  test(`a hidden tab of a ${device} receives no pictures, hears and sends on, and sees again when it is shown, in Firefox`, async (t) => {
    const server = await startServer(t);
    const browser = await startFirefox(t);
    const [bob, alice] = [await Person.arrive(browser, options), await Person.arrive(browser)];
    await bob.page.route('**/app/subscribe.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: lessPatient(await response.text()) });
    });
    await bob.join(server.group('example'), 'bob', 'secret');
    await alice.join(server.group('example'), 'alice', 'wonder');
    await untilSeen(bob, 'alice');
    await untilSeen(alice, 'bob');
    const visible = () => bob.page.evaluate(() => document.visibilityState === 'visible');

    const lookBack = await lookAway(bob.page);
    await until('the browser hides the page', async () => !await visible());
    await untilOnlyHeard(bob, 'alice');
    await untilSeen(alice, 'bob');

    await lookBack();
    await until('the browser shows the page', visible);
    await untilSeen(bob, 'alice');
    for (const person of [bob, alice]) await person.assertNoProblems();
  });
}
