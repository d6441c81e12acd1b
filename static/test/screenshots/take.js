// Takes a picture of every page and state, in light and dark colours, on a desk and on a phone:
//
//   node test/screenshots/take.js [DIRECTORY]
//
// The directory is test-results/screenshots if none is given. With --manual, only what the manual shows is taken, in light
// colours, and goes to docs/pictures. In the environment, ONLY=crowd,outside leaves out the other parts of the tour, and BROWSER=firefox
// shows what that one makes of the pages.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startFirefox } from '../e2e/support/firefox.js';
import { isFirefox, Person } from '../e2e/support/person.js';
import { startServer } from '../e2e/support/server.js';
import { crowd, gather } from './crowd.js';
import { ROOMS } from './rooms.js';
import { problems } from './problems.js';
import { recordings } from './recordings.js';
import { call, outside, rooms } from './visits.js';

const root = new URL('../../../', import.meta.url).pathname;
const manual = process.argv.includes('--manual');
const target = process.argv.slice(2).find((a) => !a.startsWith('-')) ?? (manual ? join(root, 'docs/pictures') : join(root, 'test-results/screenshots'));
const studio = await readFile(new URL('studio.js', import.meta.url), 'utf8');

/** What ends with the program. @type {(() => unknown)[]} */
const endings = [];
const context = /** @type {import('node:test').TestContext} */ (/** @type {unknown} */ ({ after: (/** @type {() => unknown} */ fn) => endings.unshift(fn) }));

/** What the manual shows. */
const MANUAL = ['landing', 'pre-join', 'layouts', 'connection', 'chat', 'people', 'invite', 'room', 'settings-video', 'settings-accessibility', 'shortcuts', 'rooms'];
const CONFIG = { users: { root: { password: 'geheim', permissions: 'admin' } }, writableGroups: true };
const DESK = { viewport: manual ? { width: 1024, height: 640 } : { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
/** @type {('light' | 'dark')[]} */
const THEMES = manual ? ['light'] : ['light', 'dark'];

/** How many pictures there are. */
let count = 0;

/**
 * In every colour; what moves stands still.
 * @param {Person} person
 * @param {string} page
 * @param {boolean} isPhone
 */
async function take(person, page, isPhone) {
  if (manual && !MANUAL.includes(page)) return;
  for (const colorScheme of THEMES) {
    await prefer(person, colorScheme);
    const name = manual ? page : `${page}-${colorScheme}${isPhone ? '-phone' : ''}`;
    await person.page.screenshot({ path: join(target, `${name}.png`), animations: 'disabled' });
    console.log(`${Math.round(performance.now() / 1000)} s ${name}`);
    count++;
  }
  await prefer(person, 'light');
}

/** @param {Person} person @param {'light' | 'dark'} colorScheme */
async function prefer({ page }, colorScheme) {
  // Firefox cannot be told what the person prefers: this is what the page does for one who has chosen.
  if (isFirefox(page)) await page.evaluate((theme) => { document.documentElement.dataset['theme'] = theme; }, colorScheme);
  else await page.emulateMedia({ colorScheme });
}

async function startChromium() {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
  });
  endings.unshift(() => browser.close());
  return browser;
}

async function main() {
  for (const directory of [target, join(root, 'test-results')]) await mkdir(directory, { recursive: true });
  const server = await startServer(context, ROOMS, CONFIG);
  const browser = await (process.env['BROWSER'] === 'firefox' ? startFirefox(context) : startChromium());
  try {
    await everything(server, browser);
  } catch (e) {
    // What there was to be seen then.
    for (const [i, page] of browser.contexts().flatMap((c) => c.pages()).entries()) await page.screenshot({ path: join(root, 'test-results', `failed-${i}.png`) }).catch(() => {});
    throw e;
  }
}

/**
 * @param {import('../e2e/support/server.js').TestServer} server
 * @param {import('playwright-core').Browser} browser
 */
async function everything(server, browser) {
  // The pictures show what there is to be seen.
  const shown = manual ? {} : { activityDetection: true, displayAll: true };
  /** @param {boolean} isPhone @returns {import('./visits.js').Tour} */
  const tour = (isPhone) => {
    const arrive = async (/** @type {import('./visits.js').Guest} */ { look = 0, speaks = false, settings = {}, ...options } = {}) => {
      const person = await Person.arrive(browser, { ...(isPhone ? PHONE : DESK), colorScheme: 'light', locale: 'en-GB', settings: { ...shown, ...settings }, ...options });
      await person.page.addInitScript({ content: `Object.assign(globalThis, { standing: ${JSON.stringify({ look, speaks })} });\n${studio}` });
      return person;
    };
    return {
      server, arrive, isPhone, framed: !manual,
      administrator: () => arrive({ extraHTTPHeaders: { Authorization: `Basic ${Buffer.from('root:geheim').toString('base64')}` } }),
      take: (person, page) => take(person, page, isPhone),
    };
  };
  const kinds = manual ? [tour(false)] : [tour(false), tour(true)];
  const wanted = process.env['ONLY']?.split(',');
  const parts = (manual ? [outside, call, rooms] : [outside, call, rooms, recordings, problems]).filter((part) => wanted?.includes(part.name) ?? true);
  for (const kind of kinds) for (const part of parts) await part(kind);
  if (manual || !(wanted?.includes('crowd') ?? true)) return;
  // Those who are not in the picture come once.
  const guests = await gather(tour(false));
  for (const kind of kinds) await crowd(kind, guests);
}

try {
  await main();
  console.log(`${count} pictures in ${target}`);
} finally {
  for (const end of endings) await end();
}
