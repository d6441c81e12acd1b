// What a call is like over a bad line: bob publishes beside the server, alice receives behind the link (or the other way round), under
// one condition after the other. Prints a table; run it as root with "npm run network [condition …]".

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Person, WHOLE_CAMERA } from '../e2e/support/person.js';
import { startChromium } from '../e2e/support/chromium.js';
import { untilMediaFlows } from '../e2e/support/wait.js';
import { startLink } from './link.js';
import { buildProjector, makeFilms, showFilms } from '../tiles/films.js';
import { comeback, sampler, summary } from './summary.js';

const GROUP = { 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } };

/** Delay of every packet in each direction, ms. */
const DELAY = 20;

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/**
 * @typedef {object} Condition
 * @property {string} name
 * @property {'down' | 'up'} [side] which direction of the person behind the link
 * @property {import('./link.js').Conditions[]} [steps] one after the other, of the same length
 * @property {(link: import('./link.js').Link) => Promise<void>} [event] instead of steps
 * @property {number} [seconds] in all
 * @property {string[]} [neighbours] who else watches, beside the server
 * @property {number} [cameras] how many others show themselves
 * @property {boolean} [downloads] whether the subscriber downloads something all the time, over the same line
 * @property {boolean} [returns] whether the last step is as good as the first, and it matters when everything is as it was
 * @property {boolean} [widens] whether it matters when the picture gets smaller, and when it is as wide as before
 */

/** @type {Condition[]} */
const CONDITIONS = [
  { name: 'good', steps: [{}], seconds: 15 },
  { name: 'loss5', steps: [{ loss: 0.05 }], seconds: 20 },
  { name: 'loss20', steps: [{ loss: 0.2 }], seconds: 20 },
  { name: 'lossends', steps: [{}, { loss: 0.2 }, {}], seconds: 45, returns: true },
  { name: 'thin300', steps: [{ rate: 300_000 }], seconds: 60 },
  { name: 'steps', steps: [{ rate: 1_000_000 }, { rate: 300_000 }, { rate: 1_000_000 }], seconds: 45, widens: true },
  { name: 'outage5', event: outage },
  { name: 'rebind', event: async (link) => { await link.set({ rebind: true }); } },
  { name: 'outage5up', side: 'up', event: outage },
  { name: 'rebindup', side: 'up', event: async (link) => { await link.set({ rebind: true }); } },
  { name: 'address', event: async (link) => { await link.set({ address: '10.99.0.3' }); } },
  { name: 'uplink300', side: 'up', steps: [{ rate: 300_000 }], seconds: 30 },
  { name: 'uplinkloss', side: 'up', steps: [{ loss: 0.2 }], seconds: 20 },
  { name: 'uplinksteps', side: 'up', steps: [{ rate: 300_000 }, {}], seconds: 40 },
  { name: 'download', steps: [{ rate: 5_000_000 }], seconds: 40, downloads: true },
  { name: 'meeting', steps: [{ rate: 1_500_000 }], seconds: 40, cameras: 6 },
  { name: 'neighbours', steps: [{ rate: 300_000 }], seconds: 20, neighbours: ['carol', 'dave'] },
];

/** @param {import('./link.js').Link} link */
async function outage(link) {
  await link.set({ down: { rate: -1 }, up: { rate: -1 } });
  await wait(5000);
  await link.set({ down: { delay: DELAY }, up: { delay: DELAY } });
}

/** Has a page download one of the client's large files over and over. */
function download() {
  const again = async () => {
    const response = await fetch('/third-party/tasks-vision/wasm/vision_wasm_module_internal.wasm', { cache: 'no-store' });
    await response.arrayBuffer();
    void again();
  };
  void again();
}

/** What a page has received so far. @returns {Promise<import('./summary.js').Received>} */
async function received() {
  const at = Date.now() / 1000;
  const connections = [];
  for (const pc of Object(globalThis).peerConnections) {
    if (pc.signalingState === 'closed') {
      connections.push(null);
      continue;
    }
    const sum = { frames: 0, freezes: 0, frozen: 0, samples: 0, concealed: 0, width: 0, bytes: 0 };
    (await pc.getStats()).forEach((/** @type {any} */ s) => {
      if (s.type !== 'inbound-rtp') return;
      sum.bytes += s.bytesReceived;
      if (s.kind === 'video') {
        sum.frames += s.framesDecoded ?? 0;
        sum.freezes += s.freezeCount ?? 0;
        sum.frozen += s.totalFreezesDuration ?? 0;
        sum.width = Math.max(sum.width, s.frameWidth ?? 0);
      } else {
        sum.samples += s.totalSamplesReceived ?? 0;
        sum.concealed += s.concealedSamples ?? 0;
      }
    });
    connections.push(sum);
  }
  return { at, connections };
}

/** What a page says of loss and repair, for each track. @returns {Promise<Record<string, unknown>[]>} */
async function inbound() {
  const wanted = ['kind', 'packetsReceived', 'packetsLost', 'packetsDiscarded', 'retransmittedPacketsReceived', 'nackCount', 'pliCount', 'fecPacketsReceived',
    'fecPacketsDiscarded', 'jitterBufferTargetDelay', 'jitterBufferEmittedCount', 'concealmentEvents', 'silentConcealedSamples', 'insertedSamplesForDeceleration'];
  /** @type {Record<string, unknown>[]} */
  const all = [];
  for (const pc of Object(globalThis).peerConnections) {
    if (pc.signalingState === 'closed') continue;
    (await pc.getStats()).forEach((/** @type {any} */ s) => {
      if (s.type === 'inbound-rtp') all.push(Object.fromEntries(wanted.filter((k) => s[k] !== undefined).map((k) => [k, s[k]])));
    });
  }
  return all;
}

/**
 * @param {Person} person
 * @param {number} seconds
 */
async function watch(person, seconds) {
  const sample = sampler();
  const samples = [sample(await person.page.evaluate(received))];
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    await wait(500);
    samples.push(sample(await person.page.evaluate(received)));
  }
  return samples;
}

/**
 * Lets people in who show what our page sends of a camera.
 * @param {{after: (f: () => unknown) => void}} t
 * @param {import('./link.js').Link} link
 * @param {Person} near beside the server
 * @param {number} members
 */
async function showCameras(t, link, near, members) {
  const dir = await mkdtemp(join(tmpdir(), 'galene-films-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const films = await makeFilms(near.page, dir);
  showFilms(t, await link.near(buildProjector(dir)), { server: link.url, films, members, group: 'call' });
}

/** @param {Condition} condition */
async function measure(condition) {
  /** @type {(() => unknown)[]} */
  const after = [];
  const t = { after: (/** @type {() => unknown} */ f) => { after.unshift(f); } };
  try {
    const link = await startLink(t, { call: GROUP });
    const near = await Person.arrive(await startChromium(/** @type {any} */ (t), ['--use-fake-device-for-media-stream=fps=30'], await link.near('/usr/bin/chromium')), { settings: WHOLE_CAMERA });
    const far = await Person.arrive(await startChromium(/** @type {any} */ (t), ['--use-fake-device-for-media-stream=fps=30'], await link.far('/usr/bin/chromium')), { settings: WHOLE_CAMERA });
    await link.set({ down: { delay: DELAY }, up: { delay: DELAY } });
    const [publisher, subscriber] = condition.side === 'up' ? [far, near] : [near, far];
    if (process.env['SETTINGS']) {
      await publisher.page.addInitScript((text) => { Object(globalThis).localStorage.setItem('settings', text); }, process.env['SETTINGS']);
    }
    await publisher.join(`${link.url}group/call/`, 'bob', 'x');
    await subscriber.join(`${link.url}group/call/`, 'alice', 'x', { devices: false });
    await untilMediaFlows('alice', () => subscriber.media());
    const neighbours = await Promise.all((condition.neighbours ?? []).map(async (name) => {
      const person = await Person.arrive(await startChromium(/** @type {any} */ (t), [], await link.near('/usr/bin/chromium')));
      await person.join(`${link.url}group/call/`, name, 'x', { devices: false });
      await untilMediaFlows(name, () => person.media());
      return { name, person };
    }));
    if (condition.cameras) await showCameras(t, link, near, condition.cameras);
    await wait(8000);
    if (condition.downloads) await subscriber.page.evaluate(download);
    const watching = watch(subscriber, condition.seconds ?? 15);
    const others = neighbours.map(({ person }) => watch(person, condition.seconds ?? 15));
    for (const step of condition.steps ?? []) {
      await link.set({ [condition.side ?? 'down']: { delay: DELAY, ...step } });
      await wait(((condition.seconds ?? 15) * 1000) / (condition.steps?.length ?? 1));
    }
    if (condition.event) await condition.event(link);
    const seen = await watching;
    report(condition.name, seen);
    if (condition.returns) reportReturn(seen, condition.steps?.length ?? 1);
    if (condition.widens) reportWidths(seen, condition.steps?.length ?? 1);
    for (const [i, samples] of (await Promise.all(others)).entries()) report(`  ${neighbours[i]?.name}`, samples);
    if (process.env['VERBOSE']) console.log(JSON.stringify(await subscriber.page.evaluate(inbound)));
  } finally {
    for (const f of after) await f();
  }
}

/**
 * @param {string} name
 * @param {import('./summary.js').Sample[]} samples
 */
function report(name, samples) {
  const { rate, freezes, frozen, longest, still, concealed, bitrate, rates } = summary(samples);
  console.log(`${name.padEnd(10)} ${rate.toFixed(1)} fps, ${freezes} freezes of ${frozen.toFixed(1)} s, the longest ${longest.toFixed(2)} s, still for ${still.toFixed(1)} s, `
    + `sound concealed ${(100 * concealed).toFixed(1)} %, ${Math.round(bitrate / 1000)} kbit/s, width ${samples.at(-1)?.width}`);
  if (!process.env['VERBOSE']) return;
  console.log(rates.map((r) => Math.round(r)).join(' '));
  console.log(samples.slice(1).map((s, i) => Math.round(s.concealed - (samples[i]?.concealed ?? 0))).join(' '));
}

/**
 * @param {import('./summary.js').Sample[]} samples
 * @param {number} steps
 */
function reportReturn(samples, steps) {
  const { before, after, rates } = comeback(samples, steps);
  console.log(`  ${Math.round(before / 1000)} kbit/s before, again after ${Number.isFinite(after) ? `${after.toFixed(1)} s` : 'never'}`);
  if (process.env['VERBOSE']) console.log(rates.map((rate) => Math.round(rate / 1000)).join(' '));
}

/**
 * How long the picture took to get narrower once the second of so many steps had begun, and to be as wide as before in the last.
 * @param {import('./summary.js').Sample[]} samples
 * @param {number} steps
 */
function reportWidths(samples, steps) {
  const widths = samples.slice(1).map((s) => s.width);
  const length = Math.floor(widths.length / steps);
  const before = widths[length - 1] ?? 0;
  const after = (/** @type {number} */ step, /** @type {(width: number) => boolean} */ such) => {
    const i = widths.slice(length * step, length * (step + 1)).findIndex(such);
    const [begin, then] = [samples[length * step]?.at, samples[length * step + i + 1]?.at];
    return i < 0 || begin === undefined || then === undefined ? 'never' : `${(then - begin).toFixed(1)} s`;
  };
  console.log(`  ${before} wide before, narrower after ${after(1, (width) => width < before)}, as wide again after ${after(steps - 1, (width) => width >= before)}`);
  if (process.env['VERBOSE']) console.log(widths.join(' '));
}

const named = process.argv.slice(2);
const unknown = named.filter((name) => !CONDITIONS.some((condition) => condition.name === name));
if (unknown.length > 0) {
  console.error(`no such condition: ${unknown.join(', ')}; there are ${CONDITIONS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
for (const condition of CONDITIONS) {
  if (named.length > 0 && !named.includes(condition.name)) continue;
  await measure(condition);
}
process.exit(0);
