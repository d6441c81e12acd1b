// What comes of the pictures of others, by the counters of the browser: no more than can be seen.

import { everywhereIfAsked } from './support/browsers.js';
import { isFirefox, Person } from './support/person.js';
import { measureTiles } from './support/probe.js';
import { point } from './support/firefox.js';
import { startChromium } from './support/chromium.js';
import { GROUP, startServer } from './support/server.js';
import { PATIENCE, until, untilMediaFlows } from './support/wait.js';

/** The camera, which is small lest encoding it is all that this machine does, and the width of its smallest encoding. */
const CAMERA = [640, 360];
const LOW = 320;

/** After a hiccup of the machine, which looks like one of the line, the server waits for up to 32 s before it tries more again, ms. */
const UNTIL_BETTER = 2 * PATIENCE;

/**
 * Runs before the page's own scripts: however busy this machine is, pictures keep their size, by which they are told apart here. They may come less often.
 */
function keepSizes() {
  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function add(track, init) {
    const transceiver = addTransceiver.call(this, track, init);
    const { sender } = transceiver;
    const { getParameters } = sender;
    sender.getParameters = () => Object.assign(getParameters.call(sender), { degradationPreference: 'maintain-resolution' });
    void sender.setParameters(sender.getParameters());
    return transceiver;
  };
}

/** @param {Person} person @param {string} name */
const arriving = async (person, name) => (await person.page.evaluate(measureTiles))[name] ?? { width: 0, packets: 0, frames: 0, sound: 0 };

/**
 * Ten pictures more that are as wide as that.
 * @param {Person} person
 * @param {string} name
 * @param {(width: number) => boolean} fits
 */
async function untilPictures(person, name, fits) {
  let { frames } = await until(`pictures of ${name}`, async () => { const a = await arriving(person, name); return fits(a.width) && a; }, UNTIL_BETTER);
  await until(`more of ${name}`, async () => {
    const now = await arriving(person, name);
    // Another track has counters of its own.
    if (now.frames < frames) frames = now.frames;
    return fits(now.width) && now.frames >= frames + 10;
  }, UNTIL_BETTER);
}

/**
 * Nothing of the picture comes while the sound goes on.
 * @param {Person} person
 * @param {string} name
 */
async function untilOnlySound(person, name) {
  await until(`nothing but the sound of ${name}`, async () => {
    const before = await arriving(person, name);
    // Firefox counts the sound anew whenever a picture is given up or had again.
    const after = await until('sound goes on', async () => { const a = await arriving(person, name); return a.sound > 0 && a.sound !== before.sound && a; });
    return after.packets === before.packets;
  });
}

everywhereIfAsked('a large picture is received large, a small one small, one in its own window or filling the screen large, one that nobody sees not at all', async (t, start) => {
  const users = { ...GROUP.users, carol: { password: 'quiet', permissions: 'present' } };
  const server = await startServer(t, { example: { ...GROUP, users } });
  // Those who are looked at are in Chromium: how large pictures are can be kept there.
  const [browser, theirs] = [await start(t), await startChromium(t)];
  const sending = { settings: { send: 'unlimited', simulcast: 'on', resolution: CAMERA } };
  const [bob, alice, carol] = [await Person.arrive(browser, { settings: { layout: 'sidebar' } }), await Person.arrive(theirs, sending), await Person.arrive(theirs, sending)];
  for (const { page } of [alice, carol]) await page.addInitScript(keepSizes);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder');
  await carol.join(server.group('example'), 'carol', 'quiet');
  await untilMediaFlows('bob', () => bob.media(), 2);
  const keys = bob.page.keyboard;
  /** Presses the digit of somebody's tile. @param {string} name */
  const pinByDigit = async (name) => {
    // The order is that of arrival: ourselves, alice, carol.
    await until('all have a place', async () => await bob.page.locator('.tile:not(.away)').count() === 3);
    await keys.press(name === 'alice' ? '2' : '3');
    await bob.page.getByRole('group', { name: new RegExp(`^${name}, .*pinned`) }).waitFor();
  };

  await t.test('the one that a digit pins', async () => {
    await pinByDigit('alice');
    await untilPictures(bob, 'alice', (w) => w > LOW);
    await untilPictures(bob, 'carol', (w) => w === LOW);
    await pinByDigit('carol');
    await untilPictures(bob, 'carol', (w) => w > LOW);
    await untilPictures(bob, 'alice', (w) => w === LOW);
  });

  await t.test('the one that is pinned in the menu of a person', async () => {
    await bob.button('People').click();
    await bob.button('Menu for alice').click();
    await bob.page.getByRole('menuitem', { name: 'Pin', exact: true }).click();
    await keys.press('Escape');
    await untilPictures(bob, 'alice', (w) => w > LOW);
    await untilPictures(bob, 'carol', (w) => w === LOW);
  });

  await t.test('who is out of sight is only heard', async () => {
    await keys.press('w');
    await untilOnlySound(bob, 'carol');
    await untilPictures(bob, 'alice', (w) => w > LOW);
  });

  await t.test('a window of its own is seen, whatever the page shows', async () => {
    await keys.press('w');
    await untilPictures(bob, 'carol', (w) => w > 0);
    await bob.tile('carol').focus();
    await keys.press('.');
    await bob.page.getByRole('menuitem', { name: 'Picture in picture' }).click();
    await until('the window is there', () => bob.page.evaluate(() => document.pictureInPictureElement?.closest('.tile')?.getAttribute('aria-label')?.startsWith('carol') ?? false));
    await untilPictures(bob, 'carol', (w) => w > LOW);
    await bob.button(/^Layout/).click();
    await bob.page.getByRole('menuitemradio', { name: 'Spotlight' }).click();
    const { frames } = await arriving(bob, 'carol');
    await until('it goes on', async () => (await arriving(bob, 'carol')).frames > frames + 40);
    await bob.page.evaluate(() => document.exitPictureInPicture());
    // The window that is gone has had the focus.
    await bob.page.bringToFront();
    await untilOnlySound(bob, 'carol');
  });

  await t.test('who fills the screen is received large, and the rest not at all', async () => {
    await bob.button(/^Layout/).click();
    await bob.page.getByRole('menuitemradio', { name: 'Sidebar' }).click();
    await untilPictures(bob, 'carol', (w) => w === LOW);
    await bob.tile('carol').focus();
    await keys.press('.');
    await bob.page.getByRole('menuitem', { name: 'Full screen' }).click();
    await until('the screen is full', () => bob.page.evaluate(() => document.fullscreenElement?.getAttribute('aria-label')?.startsWith('carol') ?? false));
    await untilPictures(bob, 'carol', (w) => w > LOW);
    await untilOnlySound(bob, 'alice');
    await bob.page.evaluate(() => document.exitFullscreen());
    await untilPictures(bob, 'alice', (w) => w > LOW);
  });
  for (const person of [bob, alice, carol]) await person.assertNoProblems();
});

/** Joins and publishes small pictures and silence (who speaks is brought to the first page), so many times; runs in a page. @param {number} n */
async function publish(n) {
  const { join, ServerConnection, UpStream } = await import(new URL('/lib/index.js', location.href).href);
  const media = await navigator.mediaDevices.getUserMedia({ video: { width: 160, height: 90, frameRate: 5 } });
  const context = new AudioContext();
  const [silence, destination] = [context.createConstantSource(), context.createMediaStreamDestination()];
  silence.connect(destination);
  silence.offset.value = 0;
  silence.start();
  for (const track of destination.stream.getTracks()) media.addTrack(track);
  for (let i = 0; i < n; i++) {
    const c = new ServerConnection();
    await c.connect(new URL('/ws', location.href).href.replace(/^http/, 'ws'));
    await join(c, { group: 'example', username: `Person ${i}`, password: 'x' });
    new UpStream(c, { label: 'camera', media, maxVideoBitrate: 40_000 });
  }
}

/** A finger that moves from one place to another. @param {Person} person @param {[number, number]} from @param {[number, number]} to */
async function swipe(person, from, to) {
  if (isFirefox(person.page)) {
    const at = (/** @type {[number, number]} */ [x, y]) => ({ type: 'pointerMove', x, y });
    await point(person.page, 'touch', [at(from), { type: 'pointerDown', button: 0 }, { ...at(to), duration: 100 }, { type: 'pointerUp', button: 0 }]);
    return;
  }
  const session = await person.page.context().newCDPSession(person.page);
  const at = (/** @type {[number, number]} */ [x, y]) => [{ x, y }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(from) });
  for (let i = 1; i <= 4; i++) {
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at([from[0] + (to[0] - from[0]) * i / 4, from[1] + (to[1] - from[1]) * i / 4]) });
  }
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

everywhereIfAsked('a swipe turns the page on a phone, and only the people on it are received', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } } });
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
  const [bob, others] = [await Person.arrive(await start(t), phone), await Person.arrive(await startChromium(t))];
  await others.page.goto(server.url);
  await others.page.evaluate(publish, 10);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  const onPage = async () => (await bob.page.locator('.tile:not(.away, .me)').evaluateAll((list) => list.map((e) => /^[^,]*/.exec(e.getAttribute('aria-label') ?? '')?.[0] ?? '')));
  const [first, second] = ['Person 0', 'Person 9'];
  await until('everybody is there', async () => Object.keys(await bob.page.evaluate(measureTiles)).length === 10);
  /** @param {string} seen @param {string} away */
  const received = async (seen, away) => {
    await until(`${seen} is on the page`, async () => { const names = await onPage(); return names.includes(seen) && !names.includes(away); });
    await untilPictures(bob, seen, (w) => w > 0);
    await untilOnlySound(bob, away);
  };
  await received(first, second);
  await swipe(bob, [300, 300], [60, 310]);
  await received(second, first);
  await swipe(bob, [60, 300], [300, 310]);
  await received(first, second);
  await bob.assertNoProblems();
});
