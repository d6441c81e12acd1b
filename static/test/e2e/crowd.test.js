// Rooms with many people in them: what comes of their pictures from the start, who is on the first page, and a lesson on a bad day.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { after } from 'node:test';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { buildProjector, makeFilm, showFilms } from '../tiles/films.js';
import { everywhereIfAsked } from './support/browsers.js';
import { GROUP, startServer } from './support/server.js';
import { Person, SERVER_GONE } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { until } from './support/wait.js';

/** More than the page shows large. */
const CROWD = 14;
/** Widths of the encodings of everybody's camera, pixels. */
const LARGE = 640;
const SMALL = 160;
const LOW = { width: SMALL, height: 90, bitrate: 40_000 };
const ENCODINGS = [{ width: LARGE, height: 360, bitrate: 150_000 }, LOW];
/** How many pictures a film has. */
const LENGTH = 120;
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
/** How many others there are on a page of a phone that is one of several. */
const ON_PHONE = 7;
/** What browsers say themselves of answers that the test provokes. */
const REFUSED = [/status of 500/];

/** Who may read the statistics. */
const CONFIG = { users: { root: { password: 'x', permissions: 'admin' } } };
const ROOT = `Basic ${Buffer.from('root:x').toString('base64')}`;
const OPEN = { ...GROUP, 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } };

/** Where the films of cameras are, and the program that shows them: made once for all that is tried here. */
const dir = await mkdtemp(join(tmpdir(), 'galene-crowd-'));
after(() => rm(dir, { recursive: true }));
let program = '';

/**
 * Makes the films of cameras.
 * @param {import('node:test').TestContext} t
 * @param {string} server its URL
 * @param {typeof ENCODINGS} [encodings]
 * @returns {Promise<(members: number) => Promise<() => void>>} lets people into the room `example` who show them; what that gives throws if they have left
 */
async function cameras(t, server, encodings = ENCODINGS) {
  const films = encodings.map(({ width }) => join(dir, `${width}.ivf`));
  const context = await (await startChromium(t)).newContext({ ignoreHTTPSErrors: true });
  for (const [i, film] of films.entries()) {
    if (existsSync(film)) continue;
    const page = await context.newPage();
    await page.goto(server);
    await makeFilm(page, film, { ...encodings[i], length: LENGTH });
    await page.close();
  }
  program ||= buildProjector(dir);
  return async (members) => {
    /** @returns {Promise<number>} */
    const people = async () => {
      const rooms = await (await context.request.get(`${server}stats.json`, { headers: { Authorization: ROOT } })).json();
      return rooms.find((/** @type {{name: string}} */ room) => room.name === 'example')?.clients?.length ?? 0;
    };
    const before = await people();
    const assertThere = showFilms(t, program, { server, films, members });
    await until('all are in the room', async () => await people() === before + members);
    return assertThere;
  };
}

/** Runs before the page's own scripts: remembers how wide the pictures of others have ever been, and what was asked for. */
function remember() {
  const widths = new Set();
  /** @type {any[]} */
  const asked = [];
  Object.assign(globalThis, { widths, asked });
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function note(data) {
    const m = JSON.parse(String(data));
    if (m.type === 'request' || m.type === 'requestStream') asked.push(m);
    send.call(this, data);
  };
  // Told of by each element before it shows the first picture of a new size.
  document.addEventListener('resize', (e) => {
    if (e.target instanceof HTMLVideoElement && !e.target.closest('.me')) widths.add(e.target.videoWidth);
  }, true);
}

/** Runs in the page: how many tiles of others in sight have a picture that moves. */
function moving() {
  return [...document.querySelectorAll('.tile:not(.me, .away) video')].filter((v) => /** @type {HTMLVideoElement} */ (v).videoWidth > 0 && /** @type {HTMLVideoElement} */ (v).currentTime > 0.5).length;
}

everywhereIfAsked('whoever comes into a large room gets small pictures from the start, and a large one once it is wanted', async (t, start) => {
  const server = await startServer(t, { example: OPEN }, CONFIG);
  const browser = await start(t);
  const gather = await cameras(t, server.url);
  const assertThere = await gather(CROWD);
  const bob = await Person.arrive(browser);
  await bob.page.addInitScript(remember);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await until('all pictures move', async () => await bob.page.evaluate(moving) === CROWD);
  assert.deepEqual(await bob.page.evaluate(() => Object(globalThis).asked[0]), { type: 'request', request: { '': ['audio', 'video-low', 'half-rate'], screenshare: ['audio', 'video'], video: ['audio', 'video'] } });
  const widths = () => bob.page.evaluate(() => [...Object(globalThis).widths]);
  assert.deepEqual(await widths(), [SMALL], 'not one large picture has come');
  await bob.page.keyboard.press('2');
  await until('the pinned one is large', async () => (await widths()).includes(LARGE));
  assertThere();
  await bob.assertNoProblems();
});

/** Runs in the page. @returns {string[]} names of the others in sight */
function inSight() {
  return [...document.querySelectorAll('.tile:not(.me, .away)')].map((e) => /^[^,]*/.exec(e.getAttribute('aria-label') ?? '')?.[0] ?? '');
}

/** Runs before the page's own scripts: whoever was heard first says a word every second and a half, the others nothing. */
function hearWords() {
  const { prototype } = globalThis.RTCRtpReceiver;
  const { getSynchronizationSources } = prototype;
  /** @type {RTCRtpReceiver | undefined} */
  let talker;
  prototype.getSynchronizationSources = function listen() {
    const sources = getSynchronizationSources.call(this);
    if (sources.length > 0) talker ??= this;
    return sources.map((source) => ({ ...source, audioLevel: talker === this && performance.now() % 1500 < 500 ? 0.5 : 0 }));
  };
}

everywhereIfAsked('where not all have room, those who can be seen are on the first page, whoever talks meanwhile', async (t, start) => {
  const server = await startServer(t, { example: OPEN }, CONFIG);
  const browser = await start(t);
  const gather = await cameras(t, server.url, [LOW]);
  const [alice, eve, bob] = [await Person.arrive(browser), await Person.arrive(browser), await Person.arrive(browser, { ...PHONE, settings: { displayAll: true } })];
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await eve.page.goto(server.group('example'));
  await eve.button('Microphone').click();
  await eve.enter('eve', 'x');
  await bob.page.addInitScript(hearWords);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.tile('eve, camera off, microphone on').waitFor();
  const assertThere = await gather(ON_PHONE);
  await until('all are there', async () => await bob.page.locator('.tile:not(.me)').count() === ON_PHONE + 2);
  await until('alice has made room for the last', async () => {
    const names = await bob.page.evaluate(inSight);
    return names.length === ON_PHONE && names.includes('eve') && !names.includes('alice') && await bob.page.evaluate(moving) === ON_PHONE - 1;
  });
  assertThere();
  for (const person of [alice, eve, bob]) await person.assertNoProblems();
});

for (const [device, options] of Object.entries({ desk: {}, phone: PHONE })) {
  everywhereIfAsked(`a lesson on a ${device}: a mistyped password, a full class, and a server that is killed halfway`, async (t, start) => {
    const server = await startServer(t, { example: { ...OPEN, public: true, displayName: 'Lecture hall' } }, CONFIG);
    await writeFile(join(server.dir, 'groups', 'broken.json'), '{"users": {');
    const browser = await start(t);
    const gather = await cameras(t, server.url);
    await gather(CROWD);
    const bob = await Person.arrive(browser, options);
    await bob.page.goto(server.url);
    await bob.page.getByLabel('Room name').fill('broken');
    await bob.page.keyboard.press('Enter');
    await bob.page.getByRole('alert').getByText('The server cannot open this room').waitFor();
    await bob.page.getByRole('link', { name: /Lecture hall/ }).click();
    await bob.page.getByText(`${CROWD} people here`).waitFor();
    await bob.switchOnDevices();
    await bob.enter('bob', 'secrte');
    await bob.page.getByRole('alert').getByText('That name and password do not match.').waitFor();
    await bob.page.keyboard.type('secret');
    await bob.page.keyboard.press('Enter');
    await bob.button('Leave').waitFor();
    const full = () => until('the first page is full of pictures', async () => {
      const [all, shown] = [await bob.page.evaluate(inSight), await bob.page.evaluate(moving)];
      return shown >= ON_PHONE && shown === all.length && shown;
    });
    const pictures = await full();
    await server.stop('SIGKILL');
    await bob.page.getByText('Connection lost. Reconnecting…').first().waitFor();
    assert.equal((await bob.page.evaluate(inSight)).length, pictures, 'the last pictures stay');
    await server.start();
    await until('we are back', async () => await bob.page.getByText('Connection lost. Reconnecting…').count() === 0 && await bob.button('Leave').isVisible());
    await gather(CROWD);
    await full();
    await bob.button('Chat').click();
    await bob.say('Where were we?');
    await bob.page.locator('.bub', { hasText: 'Where were we?' }).waitFor();
    await bob.assertNoProblems([...SERVER_GONE, ...REFUSED]);
  });
}
