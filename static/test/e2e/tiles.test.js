// Many tiles: how smooth the pictures in them are, by the counters of the browser.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { buildProjector, makeFilm, showFilms } from '../tiles/films.js';
import { everywhereIfAsked } from './support/browsers.js';
import { GROUP, startServer } from './support/server.js';
import { Person } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { until } from './support/wait.js';

/** One more than the page shows at full speed, and one more than it shows at half of that. */
const MANY = 13;
const CROWD = 25;
/** Pictures that a film has in a second, and those of them that are left of it where half are left out, and three of four. */
const WHOLE = 30;
const HALF = 15;
const QUARTER = 7.5;
/** So much of a film is watched, s. */
const WATCHED = 1;
/** Units of the time stamps of pictures in a second. */
const CLOCK = 90_000;

/**
 * What has come of the pictures in each tile, by its key; runs in the page.
 * @returns {Promise<Record<string, {frames: number, at: number}>>} at: which moment of the film is shown, in units of its clock
 */
async function arrived() {
  /** @type {Record<string, {frames: number, at: number}>} */
  const result = {};
  for (const video of document.querySelectorAll('.tile:not(.me) video')) {
    const media = /** @type {HTMLVideoElement} */ (video).srcObject;
    const [track] = media instanceof MediaStream ? media.getVideoTracks() : [];
    const key = /** @type {HTMLElement} */ (video.closest('.tile')).dataset['key'] ?? '';
    for (const pc of Object(globalThis).peerConnections) {
      const receiver = track && pc.getReceivers().find((/** @type {RTCRtpReceiver} */ r) => r.track === track);
      const at = receiver?.getSynchronizationSources()[0]?.rtpTimestamp;
      if (at === undefined) continue;
      (await pc.getStats(track)).forEach((/** @type {any} */ s) => {
        if (s.type === 'inbound-rtp') result[key] = { frames: s.framesReceived, at };
      });
    }
  }
  return result;
}

/**
 * How many pictures of a second of a film arrive, whatever time that takes here.
 * @param {Person} person
 * @param {string} key of the tile
 */
async function smoothness({ page }, key) {
  const none = { frames: 0, at: 0 };
  const before = (await page.evaluate(arrived))[key] ?? none;
  return until(`the film of ${key} goes on`, async () => {
    const after = (await page.evaluate(arrived))[key] ?? none;
    const seconds = (after.at - before.at >>> 0) / CLOCK;
    return seconds >= WATCHED && (after.frames - before.frames) / seconds;
  });
}

/**
 * Waits until so many pictures come of all of them.
 * @param {Person} person
 * @param {string[]} keys of tiles
 * @param {number} wanted a second of the film
 */
async function untilSmooth(person, keys, wanted) {
  /** @type {number[]} */
  let rates = [];
  const as = async () => {
    rates = await Promise.all(keys.map((key) => smoothness(person, key)));
    return rates.every((rate) => Math.abs(rate - wanted) < 0.3 * wanted);
  };
  await until(`${wanted} pictures a second`, as).catch((e) => assert.fail(`${e.message}: ${rates}`));
}

everywhereIfAsked('of many small pictures every other one is left out, of a crowd of them three of four, of one that is large none', async (t, start) => {
  const dir = await mkdtemp(join(tmpdir(), 'galene-tiles-'));
  t.after(() => rm(dir, { recursive: true }));
  const server = await startServer(t, { example: { ...GROUP, 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } } });
  const [bob, maker] = [await Person.arrive(await start(t), { settings: { layout: 'grid', hideSelf: true } }), await Person.arrive(await startChromium(t))];
  // A page of the grid has room for as many where there are processors enough.
  await bob.page.addInitScript(() => Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 8 }));
  await maker.page.goto(server.url);
  const film = join(dir, 'small.ivf');
  await makeFilm(maker.page, film, { width: 160, height: 90, bitrate: 60_000, length: 4 * WHOLE });
  const projector = buildProjector(dir);
  const come = (/** @type {number} */ members) => showFilms(t, projector, { server: server.url, films: [film], members });
  const inSight = async (/** @type {number} */ count) => {
    await until('all are in sight', async () => Object.keys(await bob.page.evaluate(arrived)).length === count && await bob.page.locator('.tile:not(.away)').count() === count);
    return Object.keys(await bob.page.evaluate(arrived));
  };
  const assertThere = come(MANY);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  const everybody = await inSight(MANY);
  await untilSmooth(bob, everybody, HALF);
  await bob.page.keyboard.press('3');
  const pinned = await bob.page.locator('.tile.pinned').getAttribute('data-key') ?? '';
  await untilSmooth(bob, [pinned], WHOLE);
  await bob.page.keyboard.press('0');
  await untilSmooth(bob, everybody, HALF);
  const assertMore = come(CROWD - MANY);
  await untilSmooth(bob, await inSight(CROWD), QUARTER);
  assertThere();
  assertMore();
  await bob.assertNoProblems();
});
