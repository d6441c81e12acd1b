// What pages say while something is not there yet, where there is nothing, and when it cannot be had.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person, SERVER_GONE } from './support/person.js';
import { drawScreens } from './support/screen.js';
import { holdPictures } from './support/hold.js';
import { holdTimers } from './support/probe.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilEqual, untilMediaFlows } from './support/wait.js';

const CONFIG = { users: { root: { password: 'geheim', permissions: 'admin' } }, writableGroups: true };
/** What the browser says of an answer that is no success, or none. */
const REFUSED = [/Failed to load resource/, ...SERVER_GONE];

/** Keeps pictures for people to look at, if somebody wants them. @param {Person} person @param {string} name */
async function picture({ page }, name) {
  if (process.env['PICTURES']) await page.screenshot({ path: join(process.env['PICTURES'], `${name}.png`) });
}

/**
 * What comes of a path from now on.
 * @param {Person} person
 * @param {string} path
 * @param {(route: import('playwright-core').Route) => unknown} handler
 */
async function answer({ page }, path, handler) {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.route(path, handler);
}

everywhereIfAsked('the landing page while the list of rooms is loading, empty, and not to be had', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, public: true } });
  const ada = await Person.arrive(await start(t));
  await answer(ada, '**/public-groups.json', () => {});
  await ada.page.goto(server.url);
  await until('cards stand for what comes', async () => await ada.page.locator('[aria-busy="true"] > .room').count() === 3);
  await assertAccessible(ada, 'loading');
  await answer(ada, '**/public-groups.json', (route) => route.fulfill({ json: [] }));
  await ada.page.reload();
  await ada.page.getByText('There are no public rooms. If you have a link or a room name, use it above.').waitFor();
  await answer(ada, '**/public-groups.json', (route) => route.abort());
  await ada.page.reload();
  await ada.page.getByRole('alert').getByText('The room list could not be loaded.').waitFor();
  await assertAccessible(ada, 'failed');
  await ada.page.unrouteAll();
  await ada.button('Try again').click();
  await ada.page.getByRole('link', { name: 'example' }).waitFor();
  await ada.assertNoProblems(REFUSED);
});

everywhereIfAsked('the statistics while they are loading, without a room, and when the server is gone', async (t, start) => {
  const server = await startServer(t, {}, CONFIG);
  const extraHTTPHeaders = { Authorization: `Basic ${Buffer.from('root:geheim').toString('base64')}` };
  const root = await Person.arrive(await start(t), { extraHTTPHeaders });
  await answer(root, '**/stats.json', () => {});
  await root.page.goto(`${server.url}stats.html`);
  await root.page.locator('.card[aria-busy="true"]').waitFor();
  await assertAccessible(root, 'loading');
  await answer(root, '**/stats.json', (route) => route.fulfill({ json: [] }));
  await root.page.reload();
  await root.page.getByText('No room is in use.').waitFor();
  await root.page.getByRole('status').getByText('Refreshed every 2 s').waitFor();
  const camera = { id: 's', label: 'camera', maxBitrate: 900_000, tracks: [{ kind: 'video', codec: 'vp8', bitrate: 431_200, maxBitrate: 700_000, loss: 0, jitter: 2 }] };
  await answer(root, '**/stats.json', (route) => route.fulfill({ json: [{ name: 'lab', clients: [{ id: 'a', username: 'ada', up: [camera] }] }] }));
  await root.page.getByRole('cell', { name: 'in ≤ 900 kbit/s' }).waitFor();
  await root.page.getByRole('cell', { name: '431 / 700 kbit/s' }).waitFor();
  await assertAccessible(root, 'statistics');
  await answer(root, '**/stats.json', (route) => route.abort());
  await root.page.getByRole('status').getByText('The server cannot be reached. Trying again…').waitFor();
  await assertAccessible(root, 'stale');
  await root.page.unrouteAll();
  await root.page.getByRole('status').getByText('Refreshed every 2 s').waitFor();
  await root.page.goto(`${server.url}admin/`);
  await root.page.getByLabel('Name').fill('root');
  await root.page.getByLabel('Password').fill('geheim');
  await root.button('Sign in').click();
  await root.page.getByText('There are no rooms yet. Make the first one with the button above.').waitFor();
  await assertAccessible(root, 'no rooms');
  await root.assertNoProblems(REFUSED);
});

everywhereIfAsked('recordings: none, none of that name, and nobody who may see them', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, 'allow-recording': true } });
  await mkdir(join(server.dir, 'recordings', 'example'), { recursive: true });
  const browser = await start(t);
  const bob = await Person.arrive(browser, { httpCredentials: { username: 'bob', password: 'secret' } });
  await bob.page.goto(`${server.url}recordings/example/`);
  await bob.page.getByText('Nothing has been recorded in this room.').waitFor();
  await assertAccessible(bob, 'none');
  const alice = await Person.arrive(browser, { httpCredentials: { username: 'alice', password: 'wonder' } });
  await alice.page.goto(`${server.url}recordings/example/`);
  await alice.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  await assertAccessible(alice, 'refused');
  for (const person of [bob, alice]) await person.assertNoProblems(REFUSED);
});

everywhereIfAsked('before joining: cameras that cannot be had, and a server that lets us wait', async (t, start) => {
  const server = await startServer(t);
  const ada = await Person.arrive(await start(t));
  await ada.page.goto(server.group('example'));
  const camera = ada.button('Camera');
  await camera.waitFor();
  for (const [error, text] of [
    ['NotReadableError', 'Another program is using the camera.'], ['NotFoundError', 'No camera found. You can still take part with sound only.'],
    ['NotAllowedError', 'Your browser blocks the camera. Use the icon beside the address bar to allow it, then try again.'],
  ]) {
    await ada.page.evaluate((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
    }, error);
    await camera.click();
    await ada.page.getByRole('alert').getByText(String(text)).waitFor();
    assert.equal(await camera.getAttribute('aria-pressed'), 'false', error);
    await assertAccessible(ada, String(error));
  }
  await ada.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
  });
  await ada.button('Try again').click();
  await ada.page.getByText('Choose “Allow” in your browser so that others can hear and see you.').waitFor();
  await assertAccessible(ada, 'asked');
  // A socket that opens and brings no answer.
  await ada.page.routeWebSocket('**/ws', () => {});
  await ada.page.reload();
  await ada.enter('bob', 'secret');
  await ada.page.getByRole('button', { name: 'Joining…', disabled: true }).waitFor();
  await assertAccessible(ada, 'joining');
  await ada.assertNoProblems();
});

everywhereIfAsked('before joining: a server that is away is tried again by itself, and nothing that was typed is lost', async (t, start) => {
  const server = await startServer(t);
  const ada = await Person.arrive(await start(t));
  await ada.page.goto(server.group('example'));
  await ada.button('Join').waitFor();
  await server.stop();
  await ada.enter('bob', 'secret');
  await ada.page.getByRole('alert').getByText('The server cannot be reached. Check your connection.').waitFor();
  await ada.page.getByText(/Next try in \d+ s\./).waitFor();
  await ada.button('Try now').click();
  await ada.page.getByText(/Next try in \d+ s\./).waitFor();
  const typed = () => Promise.all(['Your name', 'Password'].map((label) => ada.page.getByLabel(label, { exact: true }).inputValue()));
  assert.deepEqual(await typed(), ['bob', 'secret']);
  await assertAccessible(ada, 'away');
  await assertFits(ada, 'away');
  await picture(ada, 'pre-join-away');
  await server.start();
  await ada.button('Leave').waitFor();
  await ada.assertNoProblems(REFUSED);
});

everywhereIfAsked('a room whose file cannot be read says so on its page', async (t, start) => {
  const server = await startServer(t);
  await writeFile(join(server.dir, 'groups', 'garbled.json'), '{"users": {');
  const ada = await Person.arrive(await start(t));
  await ada.page.goto(server.group('garbled'));
  await ada.page.getByRole('alert').getByText('The server cannot open this room (error 500). Tell whoever runs it.').waitFor();
  await assertAccessible(ada, 'garbled');
  await ada.assertNoProblems(REFUSED);
});

everywhereIfAsked('a shared screen says that it is loading until its first picture covers that', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await alice.page.addInitScript(drawScreens);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  const release = await holdPictures(bob);
  await alice.button('Share').click();
  const screen = bob.page.getByRole('group', { name: 'Screen of alice' });
  const loading = screen.getByText('Loading…');
  await loading.waitFor();
  await until('it is connected', () => bob.page.evaluate(() => Object(globalThis).peerConnections.some((/** @type {RTCPeerConnection} */ pc) => pc.connectionState === 'connected')));
  /** Whether a picture lies over the words. */
  const covered = () => loading.evaluate((words) => {
    const { left, top } = words.getBoundingClientRect();
    const video = words.parentElement?.querySelector('video');
    return document.elementsFromPoint(left + 1, top + 1)[0] === video && video.videoWidth > 0;
  });
  assert.equal(await covered(), false);
  await assertAccessible(bob, 'loading');
  await release();
  await until('the picture covers the words', covered);
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('a picture that does not come says so on its tile, as long as that is so', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await untilMediaFlows('bob', () => bob.media());
  /** What the browser says of the way to the server. @param {string} state empty for what is so */
  const say = (state) => bob.page.evaluate((told) => {
    for (const pc of Object(globalThis).peerConnections) {
      if (told) Object.defineProperty(pc, 'iceConnectionState', { value: told, configurable: true });
      else delete pc.iceConnectionState;
      // Firefox hands events that a page makes to listeners only.
      pc.oniceconnectionstatechange();
    }
  }, state);
  await say('failed');
  const words = bob.tile('alice').getByText('This connection does not work. Trying again…');
  await words.waitFor();
  for (const [width, height] of /** @type {const} */ ([[1280, 800], [360, 740]])) {
    await bob.page.setViewportSize({ width, height });
    await until(`the words stand free on the tile in a window of ${width} pixels, with nothing over them, on a ground of their own`, () => words.evaluate((p) => {
      const tile = p.closest('.tile');
      const [text, all, initials] = [p, tile, tile?.querySelector('.av')].map((e) => e?.getBoundingClientRect());
      return Boolean(text && all && initials && text.top >= all.top && text.bottom <= initials.top && initials.bottom <= all.bottom)
        && text !== undefined && document.elementsFromPoint(text.left + 1, text.top + 8)[0] === p && getComputedStyle(p).backgroundColor !== 'rgba(0, 0, 0, 0)';
    }));
    await assertAccessible(bob, 'failed');
    await picture(bob, `tile-failed-${width}`);
  }
  await say('');
  await words.waitFor({ state: 'detached' });
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('a tile without room for words has a sign instead, beside the initials and with the words as its title', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.page.addInitScript(drawScreens);
  await alice.join(server.group('example'), 'alice', 'wonder');
  await alice.button('Hand').click();
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await untilMediaFlows('bob', () => bob.media());
  await bob.button('Share').click();
  await bob.page.getByRole('group', { name: 'Your screen' }).waitFor();
  await bob.page.evaluate(() => {
    for (const pc of Object(globalThis).peerConnections) {
      Object.defineProperty(pc, 'iceConnectionState', { value: 'failed', configurable: true });
      pc.oniceconnectionstatechange();
    }
  });
  const sign = bob.tile('alice').getByTitle('This connection does not work. Trying again…');
  for (const [width, height] of /** @type {const} */ ([[1280, 800], [800, 500], [360, 740]])) {
    await bob.page.setViewportSize({ width, height });
    await until(`the sign stands free in a window of ${width} pixels`, () => sign.evaluate((e) => {
      const tile = e.closest('.tile');
      const { left, right, top, bottom, width: wide } = e.getBoundingClientRect();
      const others = [...tile?.querySelectorAll('.av, .nm, .hd') ?? []].map((o) => o.getBoundingClientRect());
      return wide > 0 && others.length === 3 && others.every((o) => o.left >= right || o.right <= left || o.top >= bottom || o.bottom <= top)
        && document.elementsFromPoint(left + 2, top + 2)[0] === e;
    }));
    await picture(bob, `tile-sign-${width}`);
  }
  await assertAccessible(bob, 'a sign of failure');
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhere('relays alone where the server has none: said where they are chosen, over the stage and on the tiles, and one click ends it', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, { settings: { forceRelay: true } }), await Person.arrive(browser)];
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.join(server.group('example'), 'bob', 'secret');
  const sentence = 'Nothing gets through a relay (TURN server) of this server: switch off “Use relays only”, or ask whoever runs it for one that works.';
  const banner = bob.page.getByRole('alert').filter({ hasText: sentence });
  await banner.waitFor();
  for (const tile of [bob.tile('alice'), bob.page.locator('.tile.me')]) await tile.getByText('Nothing gets through a relay.').waitFor();
  assert.equal((await bob.media()).frames, 0);
  await assertAccessible(bob, 'no relay');
  await picture(bob, 'no-relay');
  await bob.button('Switch off').click();
  await untilMediaFlows('bob', () => bob.media());
  await untilMediaFlows('alice', () => alice.media());
  await banner.waitFor({ state: 'detached' });
  await untilEqual('no tile has failed', () => bob.page.locator('.tile.failed').count(), 0);
  await bob.button('More').click();
  await bob.page.getByRole('menuitem', { name: 'Settings' }).click();
  await bob.page.getByRole('tab', { name: 'Network' }).click();
  await bob.page.getByRole('switch', { name: 'Use relays only' }).click();
  await bob.page.getByRole('tabpanel').getByRole('alert').getByText(sentence).waitFor();
  await assertAccessible(bob, 'no relay, in the settings');
  await picture(bob, 'no-relay-settings');
  await bob.page.setViewportSize({ width: 360, height: 740 });
  await assertFits(bob, 'no relay, in the settings on a phone');
  await bob.page.getByRole('switch', { name: 'Use relays only' }).click();
  await bob.page.keyboard.press('Escape');
  await untilMediaFlows('bob', () => bob.media());
  await untilMediaFlows('alice', () => alice.media());
  // Firefox says so, too.
  for (const person of [bob, alice]) await person.assertNoProblems([/ICE failed/]);
});

/** Fills a room without pages: as many guests come in as there are numbers. @param {number} count */
async function gather(count) {
  const { join: enter, ServerConnection } = await import(new URL('/lib/index.js', location.href).href);
  for (let i = 1; i <= count; i++) {
    const c = new ServerConnection();
    await c.connect(new URL('/ws', location.href).href.replace(/^http/, 'ws'));
    await enter(c, { group: 'example', username: `guest ${i}`, password: '' });
  }
}

everywhereIfAsked('who looks for somebody in a full room is told when there is nobody of that name', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } } });
  const browser = await start(t);
  const guests = await Person.arrive(browser);
  await guests.page.goto(server.url);
  await guests.page.evaluate(gather, 9);
  for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: { width: 360, height: 740 } }]) {
    const bob = await Person.arrive(browser, /** @type {object} */ (look));
    await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
    if ('viewport' in look) {
      await bob.button('More').click();
      await bob.page.getByRole('menuitem', { name: 'People' }).click();
    } else {
      await bob.button('People').click();
    }
    const field = bob.page.getByLabel('Find a person');
    await field.fill('guest 7');
    await until('one is left', async () => await bob.page.locator('.person').count() === 1);
    await field.fill('nobody');
    await bob.page.getByText('Nobody here has that name.').waitFor();
    await assertAccessible(bob, 'nobody of that name');
    await picture(bob, `nobody-${look.colorScheme}`);
    await field.fill('');
    await until('all are back', async () => await bob.page.locator('.person').count() === 10);
    if ('viewport' in look) {
      await field.fill('guest 7');
      await guests.page.close();
      await bob.page.getByText('Nobody here has that name.').waitFor();
      assert.ok(await field.isVisible(), 'what is looked for can be changed, however few are left');
    }
    await bob.button('Close').click();
    await bob.button('Leave').click();
    await bob.assertNoProblems();
  }
});

everywhereIfAsked('whoever has given up comes back with one click or when the network does, and is told so', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.button('Chat').click();
  await bob.page.getByText('No messages yet.').waitFor();
  await server.stop();
  for (const { page } of [bob, alice]) {
    await page.getByRole('alert').getByText('Connection lost. Reconnecting…').waitFor();
    await page.evaluate(() => {
      // After more than the two minutes in which the page tries by itself.
      const { now } = Date;
      Date.now = () => now() + 130_000;
    });
    await page.getByRole('alert').getByText('Could not reconnect.').waitFor();
  }
  await assertAccessible(bob, 'given up');
  await server.start();
  // That is how long it is said.
  const timers = await Promise.all([bob, alice].map(({ page }) => page.evaluateHandle(holdTimers, 3000)));
  await bob.button('Rejoin').click();
  await alice.page.evaluate(() => { globalThis.dispatchEvent(new Event('online')); });
  for (const [i, person] of [bob, alice].entries()) {
    const told = person.page.getByRole('status').getByText('Back online', { exact: true });
    await told.waitFor();
    await assertAccessible(person, 'back');
    assert.ok(await told.isVisible(), 'axe has seen it');
    await timers[i]?.evaluate((release) => release());
    await told.waitFor({ state: 'detached' });
    await person.assertNoProblems(REFUSED);
  }
});

everywhereIfAsked('where the browser plays no sound unasked, one click turns it on', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.page.addInitScript(() => {
    const { play } = HTMLMediaElement.prototype;
    let gesture = false;
    document.addEventListener('click', (e) => { gesture ||= e.target instanceof Element && e.target.closest('.banner') !== null; }, true);
    HTMLMediaElement.prototype.play = function attempt() {
      return this.muted || gesture ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'));
    };
  });
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.page.getByRole('alert').getByText('Your browser plays no sound until you allow it.').waitFor();
  await until('pictures are shown without it', async () => (await bob.media()).frames > 10);
  /** Whether the sound of others is off; Firefox counts what comes of it all the same. */
  const silent = async () => (await bob.media()).videos.every((v) => v.muted);
  assert.ok(await silent());
  await assertAccessible(bob, 'no sound');
  await bob.button('Turn on sound').click();
  await untilMediaFlows('bob', () => bob.media());
  await until('the sound is on', async () => !await silent());
  await bob.page.getByText('Your browser plays no sound').waitFor({ state: 'detached' });
  for (const person of [bob, alice]) await person.assertNoProblems();
});
