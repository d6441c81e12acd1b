// What a call of many tiles costs the main thread of a page: counts the tasks of more than 50 ms, and the time that our code
// and the browser take.
//
//   npm run tiles [-- NUMBER]
//
// PROFILE=1 prints besides which functions take the most.
//
// So many people publish small pictures and sound from one other browser; somebody joins, and is measured once everything is there.

import { Person } from '../e2e/support/person.js';
import { startChromium } from '../e2e/support/chromium.js';
import { GROUP, startServer } from '../e2e/support/server.js';
import { until } from '../e2e/support/wait.js';

const count = Number(process.argv[2] ?? 25);
const profiling = process.env['PROFILE'] === '1';
/** How long after joining is measured, and for how long, ms. */
const SETTLE = 5000;
const LENGTH = 20_000;

/** Joins and publishes, so many times. @param {number} n */
async function publish(n) {
  const { join, ServerConnection, UpStream } = await import(new URL('/lib/index.js', location.href).href);
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 160, height: 90, frameRate: 5 } });
  for (let i = 0; i < n; i++) {
    const c = new ServerConnection();
    await c.connect(new URL('/ws', location.href).href.replace(/^http/, 'ws'));
    await join(c, { group: 'example', username: `Person ${i}`, password: 'x' });
    new UpStream(c, { label: 'camera', media, maxVideoBitrate: 40_000 });
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

/** @type {(() => unknown)[]} */
const endings = [];
const t = /** @type {import('node:test').TestContext} */ (/** @type {unknown} */ ({ after: (/** @type {() => unknown} */ fn) => endings.unshift(fn) }));
const wait = (/** @type {number} */ ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

try {
  const server = await startServer(t, { example: { ...GROUP, 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } } });
  const others = await Person.arrive(await startChromium(t, ['--use-fake-device-for-media-stream=fps=5']));
  await others.page.goto(server.url);
  await others.page.evaluate(publish, count);
  const browser = await startChromium(t);
  const viewer = await Person.arrive(browser);
  await viewer.page.goto(server.group('example'));
  await viewer.enter('viewer', 'x');
  const seen = await until('all tiles in sight have pictures', async () => {
    const tiles = await viewer.page.locator('.tile:not(.me)').evaluateAll((all) => all.map((tile) => ({ away: tile.classList.contains('away'), picture: (tile.querySelector('video')?.videoWidth ?? 0) > 0 })));
    const placed = tiles.filter((tile) => !tile.away);
    return tiles.length >= count && placed.every((tile) => tile.picture) && placed.length;
  }, 90_000);
  await wait(SETTLE);
  const session = await viewer.page.context().newCDPSession(viewer.page);
  await session.send('Performance.enable');
  const metric = async () => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
  await browser.startTracing(viewer.page, { categories: ['disabled-by-default-devtools.timeline', 'devtools.timeline'] });
  // Starting to profile is a long task itself.
  if (profiling) {
    await session.send('Profiler.enable');
    await session.send('Profiler.start');
  }
  const system = await browser.newBrowserCDPSession();
  /** Processor time of all threads of the processes that the page lives in, s. */
  const processors = async () => (await system.send('SystemInfo.getProcessInfo')).processInfo.filter((p) => p.type !== 'browser').reduce((sum, p) => sum + p.cpuTime, 0);
  const [before, used] = [await metric(), await processors()];
  await wait(LENGTH);
  const after = await metric();
  const processor = (100 * (await processors() - used) / (LENGTH / 1000)).toFixed(0);
  const profile = profiling ? (await session.send('Profiler.stop')).profile : null;
  const { wall, cpu, total } = longTasks(JSON.parse(String(await browser.stopTracing())).traceEvents);
  const share = (/** @type {string} */ name) => `${(100 * ((after[name] ?? 0) - (before[name] ?? 0)) / (LENGTH / 1000)).toFixed(1)} %`;
  console.log(`${count} tiles, ${seen} of them in sight, ${LENGTH / 1000} s: ${processor} % of a processor, ${(100 * total / LENGTH).toFixed(1)} % by the main thread; tasks of over 50 ms of processor time: ${cpu.join(', ') || 'none'}; of over 50 ms by the clock: ${wall.join(', ') || 'none'}; of the main thread: `
    + `all tasks ${share('TaskDuration')}, script ${share('ScriptDuration')}, layout ${share('LayoutDuration')}, style ${share('RecalcStyleDuration')}`);
  if (profile) printProfile(profile);
} finally {
  for (const end of endings) await end();
}
