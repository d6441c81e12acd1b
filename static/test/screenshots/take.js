// Takes a picture of every page, in light and dark colours, on a desk and on a phone:
//
//   node test/screenshots/take.js [DIRECTORY]
//
// The directory is test-results/screenshots if none is given. With --manual, only what the manual shows is taken, in light
// colours, and goes to docs/pictures.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Person } from '../e2e/support/chromium.js';
import { GROUP, startServer } from '../e2e/support/server.js';
import { visits } from './visits.js';

const root = new URL('../../../', import.meta.url).pathname;
const manual = process.argv.includes('--manual');
const target = process.argv.slice(2).find((a) => !a.startsWith('-')) ?? (manual ? join(root, 'docs/pictures') : join(root, 'test-results/screenshots'));

/** What ends with the program. @type {(() => unknown)[]} */
const endings = [];
const context = /** @type {import('node:test').TestContext} */ (/** @type {unknown} */ ({ after: (/** @type {() => unknown} */ fn) => endings.unshift(fn) }));

const GROUPS = {
  'physics/101': { ...GROUP, public: true, displayName: 'Lecture hall', description: 'Physics 101, Tuesdays and Thursdays at 14:15', 'allow-recording': true },
  coffee: { ...GROUP, public: true, 'allow-recording': true, displayName: 'Coffee corner', description: 'Whoever has a break' },
  seminar: { 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'op' }, displayName: 'Seminar' },
  'help-desk': { ...GROUP, public: true, displayName: 'Help desk' },
};
/** What the manual shows. */
const MANUAL = ['landing', 'pre-join', 'layouts', 'connection', 'chat', 'people', 'invite', 'room', 'settings-video', 'settings-accessibility', 'shortcuts', 'rooms'];
const CONFIG = { users: { root: { password: 'geheim', permissions: 'admin' } }, writableGroups: true };

async function main() {
  await mkdir(target, { recursive: true });
  const server = await startServer(context, GROUPS, CONFIG);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--use-fake-device-for-media-stream=fps=10', '--use-fake-ui-for-media-stream', '--auto-accept-this-tab-capture', '--autoplay-policy=no-user-gesture-required'],
  });
  endings.unshift(() => browser.close());
  const desk = { viewport: manual ? { width: 1024, height: 640 } : { width: 1280, height: 800 } };
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
  const kinds = manual ? [{ name: '', colorScheme: /** @type {const} */ ('light'), device: desk }]
    : (/** @type {const} */ (['light', 'dark'])).flatMap((colorScheme) => [{ name: `-${colorScheme}`, colorScheme, device: desk }, { name: `-${colorScheme}-phone`, colorScheme, device: phone }]);
  for (const { name, colorScheme, device } of kinds) {
    // The pictures show what there is to be seen.
    const settings = manual ? {} : { activityDetection: true, displayAll: true };
    const arrive = (/** @type {Parameters<typeof Person.arrive>[1]} */ options = {}) => Person.arrive(browser, { ...device, colorScheme, locale: 'en-GB', settings, ...options });
    await visits({
      server, arrive, isPhone: device === phone, whole: !manual,
      administrator: () => arrive({ extraHTTPHeaders: { Authorization: `Basic ${Buffer.from('root:geheim').toString('base64')}` } }),
      take: async (person, page) => {
        if (!manual || MANUAL.includes(page)) await take(person, `${page}${name}`);
      },
    });
  }
}

/**
 * @param {Person} person
 * @param {string} name
 */
async function take(person, name) {
  // What moves stands still.
  await person.page.screenshot({ path: join(target, `${name}.png`), animations: 'disabled' });
  console.log(join(target, `${name}.png`));
}

try {
  await main();
} finally {
  for (const end of endings) await end();
}
