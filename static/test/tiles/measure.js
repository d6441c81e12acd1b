// What a call of many tiles costs those who look at it: processor time of the whole browser and where it goes, what is decoded and
// shown, and the tasks of more than 50 ms of the main thread.
//
//   npm run tiles [-- NUMBER …]
//
// Without numbers a call of 12 and one of 49 are compared, three times each in turn. So many people are in the call, one of them looks
// and sends nothing; the others send what our page sends of a camera, and the silence of a muted microphone: films that are encoded
// once, by `galenectl load-test`.
//
// SCREEN=1920x1080 is the size of the window, in CSS pixels (1440x900 if absent; @2 after that: so many device pixels for each);
// CORES=8 is how many processors the page believes to have; SETTINGS='{…}' are settings of the page. THREADS=1 prints besides which
// kinds of threads take the most, PROFILE=1 which functions of the page do.

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { count } from './counting.js';
import { buildProjector, makeFilms, showFilms } from './films.js';
import { processorTime, shares } from './processes.js';
import { Person } from '../e2e/support/person.js';
import { startChromium } from '../e2e/support/chromium.js';
import { GROUP, startServer } from '../e2e/support/server.js';
import { until } from '../e2e/support/wait.js';

const { env } = process;
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [12, 49, 12, 49, 12, 49];
const [, width, height, density] = /^(\d+)x(\d+)(?:@([\d.]+))?$/.exec(env['SCREEN'] ?? '1440x900') ?? [];
if (!width || sizes.some((n) => !Number.isInteger(n) || n < 2)) {
  console.error('npm run tiles [-- NUMBER …], of people in a call, two at least; SCREEN=WIDTHxHEIGHT[@RATIO]');
  process.exit(2);
}
/** How long after the last picture has come is measured, and for how long, ms. */
const SETTLE = 8000;
const LENGTH = 20_000;

const wait = (/** @type {number} */ ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/**
 * Runs something that starts what ends with tests.
 * @template T
 * @param {(t: import('node:test').TestContext) => Promise<T>} body
 */
async function within(body) {
  /** @type {(() => unknown)[]} */
  const endings = [];
  try {
    return await body(/** @type {any} */ ({ after: (/** @type {() => unknown} */ fn) => endings.unshift(fn) }));
  } finally {
    for (const end of endings) await end();
  }
}

/**
 * The long tasks of the main thread of a page in a trace. What counts is the time that they had a processor: on a machine that is busy
 * with other things, all of them take longer.
 * @param {any[]} events
 * @returns {{wall: number[], cpu: number[], total: number}} of those of more than 50 ms, ms; and the processor time of all tasks, ms
 */
function longTasks(events) {
  const main = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`));
  const tasks = events.filter((e) => e.name === 'RunTask' && e.ph === 'X' && main.has(`${e.pid} ${e.tid}`));
  const over = (/** @type {string} */ key) => tasks.map((e) => Math.round((e[key] ?? 0) / 1000)).filter((ms) => ms > 50);
  return { wall: over('dur'), cpu: over('tdur'), total: tasks.reduce((sum, e) => sum + (e.tdur ?? 0) / 1000, 0) };
}

/**
 * Prints what took the most time.
 * @param {{nodes: any[], samples?: number[], startTime: number, endTime: number}} profile
 */
function printProfile(profile) {
  const own = new Map();
  const step = (profile.endTime - profile.startTime) / (profile.samples?.length ?? 1);
  const nodes = new Map(profile.nodes.map((n) => [n.id, n]));
  for (const id of profile.samples ?? []) {
    const frame = nodes.get(id)?.callFrame;
    const name = `${frame?.functionName || '(anonymous)'} ${frame?.url.replace(/^.*?\/\/[^/]*/, '') ?? ''}`;
    own.set(name, (own.get(name) ?? 0) + step / 1000);
  }
  for (const [name, ms] of [...own].filter(([n]) => !n.startsWith('(idle)')).sort((a, b) => b[1] - a[1]).slice(0, 12)) console.log(`${Math.round(ms).toString().padStart(6)} ms  ${name}`);
}

/**
 * @typedef {object} Cost
 * @property {number} people
 * @property {number} seen tiles of others in sight
 * @property {number} all per cent of a processor that the whole browser takes
 * @property {number} page the same of the process that decodes and that our code runs in
 * @property {number} drawing the same of the process that puts the page together
 */

/**
 * Measures a call of so many people once.
 * @param {import('node:test').TestContext} t
 * @param {string} program galenectl
 * @param {string[]} films
 * @param {number} people
 * @returns {Promise<Cost>}
 */
async function measure(t, program, films, people) {
  const server = await startServer(t, { example: { ...GROUP, 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } } });
  const assertThere = showFilms(t, program, { server: server.url, films, members: people - 1 });
  const browser = await startChromium(t);
  const viewer = await Person.arrive(browser, { viewport: { width: Number(width), height: Number(height) }, deviceScaleFactor: Number(density ?? 1), settings: JSON.parse(env['SETTINGS'] ?? '{}') });
  if (env['CORES']) await viewer.page.addInitScript((n) => Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => n }), Number(env['CORES']));
  await viewer.page.goto(server.group('example'));
  await viewer.enter('viewer', 'x');
  const seen = await until('all tiles in sight have pictures', async () => {
    const tiles = await viewer.page.locator('.tile:not(.me)').evaluateAll((all) => all.map((tile) => ({ away: tile.classList.contains('away'), picture: (tile.querySelector('video')?.videoWidth ?? 0) > 0 })));
    const placed = tiles.filter((tile) => !tile.away);
    return tiles.length >= people - 1 && placed.every((tile) => tile.picture) && placed.length;
  }, 90_000);
  await wait(SETTLE);
  const system = await browser.newBrowserCDPSession();
  // To ask dozens of connections takes its time, too.
  const sample = async () => {
    const countedAt = performance.now();
    const counted = await viewer.page.evaluate(count);
    const usedAt = performance.now();
    return { countedAt, counted, usedAt, used: await processorTime(system) };
  };
  const before = await sample();
  await wait(LENGTH);
  const after = await sample();
  const length = after.usedAt - before.usedAt;
  const kinds = shares(before.used.kinds, after.used.kinds, length);
  const rate = (/** @type {keyof typeof before.counted} */ key) => 1000 * (after.counted[key] - before.counted[key]) / (after.countedAt - before.countedAt);
  const cost = { people, seen, all: [...kinds.values()].reduce((a, b) => a + b, 0), page: kinds.get('renderer') ?? 0, drawing: kinds.get('GPU') ?? 0 };
  console.log(`${people} people, ${seen} in sight beside oneself: ${cost.all.toFixed(0)} % of a processor (${[...kinds].map(([kind, p]) => `${kind} ${p.toFixed(0)}`).join(', ')}); `
    + `${rate('frames').toFixed(0)} pictures/s decoded in ${(100 * rate('decoding')).toFixed(0)} % of the time, ${(rate('pixels') / 1e6).toFixed(1)} Mpixel/s, ${rate('shown').toFixed(0)} shown, `
    + `${rate('sound').toFixed(0)} packets/s of sound, ${(rate('bytes') * 8 / 1e6).toFixed(2)} Mbit/s`);
  if (env['THREADS'] === '1') for (const [name, percent] of [...shares(before.used.threads, after.used.threads, length)].slice(0, 14)) console.log(`${percent.toFixed(1).padStart(7)} %  ${name}`);
  await traced(browser, viewer.page);
  assertThere();
  return cost;
}

/**
 * Prints what the main thread does, and the functions of the page.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').Page} page
 */
async function traced(browser, page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const metric = async () => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline', 'devtools.timeline'] });
  const profiling = env['PROFILE'] === '1';
  if (profiling) {
    await session.send('Profiler.enable');
    await session.send('Profiler.start');
  }
  const begun = performance.now();
  const before = await metric();
  await wait(LENGTH);
  const after = await metric();
  const length = performance.now() - begun;
  const profile = profiling ? (await session.send('Profiler.stop')).profile : null;
  const { wall, cpu, total } = longTasks(JSON.parse(String(await browser.stopTracing())).traceEvents);
  const share = (/** @type {string} */ name) => `${(100 * ((after[name] ?? 0) - (before[name] ?? 0)) / (length / 1000)).toFixed(1)} %`;
  console.log(`    main thread ${(100 * total / length).toFixed(1)} % of a processor; tasks of over 50 ms of processor time: ${cpu.join(', ') || 'none'}; by the clock: ${wall.join(', ') || 'none'}; `
    + `busy for ${share('TaskDuration')} of the time, script ${share('ScriptDuration')}, layout ${share('LayoutDuration')}, style ${share('RecalcStyleDuration')}`);
  if (profile) printProfile(profile);
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const dir = await mkdtemp(join(tmpdir(), 'galene-tiles-'));
try {
  const program = buildProjector(dir);
  const films = await within(async (t) => {
    const server = await startServer(t);
    const { page } = await Person.arrive(await startChromium(t));
    await page.goto(server.url);
    return makeFilms(page, dir);
  });
  /** @type {Cost[]} */
  const costs = [];
  for (const people of sizes) costs.push(await within((t) => measure(t, program, films, people)));
  for (const people of new Set(sizes)) {
    const runs = costs.filter((c) => c.people === people);
    console.log(`${people} people, median of ${runs.length}: ${median(runs.map((c) => c.all)).toFixed(0)} % of a processor, ${median(runs.map((c) => c.page)).toFixed(0)} of it for the page and its pictures, ${median(runs.map((c) => c.drawing)).toFixed(0)} for drawing`);
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
// The browser that tests share ends with the process.
process.exit();
