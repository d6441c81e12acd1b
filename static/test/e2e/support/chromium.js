// Chromium with fake devices.

import { after } from 'node:test';
import { chromium } from 'playwright-core';

/** Parts of its window that nobody sees here, each a page of its own for every person who arrives. */
const UNSEEN = ['AimEnabled', 'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** A process for the next page, held ready for everybody who arrives: here nobody has another one that would need it. */
const SPARE = 'SpareRendererForSitePerProcess';

/** How it is started. Its camera has ten pictures a second: to encode, decode and draw twice as many takes a fifth more of a small machine. */
export const CHROMIUM_ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--use-fake-device-for-media-stream=fps=10', '--use-fake-ui-for-media-stream', '--auto-accept-this-tab-capture',
  '--autoplay-policy=no-user-gesture-required', `--disable-features=${['WebRtcHideLocalIpsWithMdns', 'MediaRouter', 'OptimizationHints', 'Translate', SPARE, ...UNSEEN].join()}`,
  '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows', '--disable-background-timer-throttling',
];

/** @type {Promise<import('playwright-core').Browser> | null} */
let running = null;

/**
 * The browser of all tests that run in this process, for it takes a second to start; who has arrived in it goes with the test. With arguments or a program of its own
 * a test has one for itself, which ends with it.
 * @param {import('node:test').TestContext} t
 * @param {string[]} [args] more arguments
 * @param {string} [program] the browser, or a script that starts it
 */
export async function startChromium(t, args = [], program = '') {
  if (args.length > 0 || program) {
    const own = await launch(args, program || undefined);
    t.after(() => own.close());
    return own;
  }
  running ??= launch();
  const browser = await running;
  t.after(() => Promise.all(browser.contexts().map((context) => context.close())));
  return browser;
}

after(async () => (await running)?.close());

/** @param {string[]} [args] @param {string} [program] */
function launch(args = [], program = process.env['CHROMIUM'] ?? '/usr/bin/chromium') {
  return chromium.launch({ executablePath: program, args: [...CHROMIUM_ARGS, ...args] });
}
