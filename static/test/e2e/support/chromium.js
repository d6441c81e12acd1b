// Chromium with fake devices.

import { chromium } from 'playwright-core';

/** How it is started. */
export const CHROMIUM_ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--use-fake-device-for-media-stream=fps=20', '--use-fake-ui-for-media-stream', '--auto-accept-this-tab-capture',
  '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter,OptimizationHints,Translate',
  '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows', '--disable-background-timer-throttling',
];

/**
 * Starts the browser; it ends with the test.
 * @param {import('node:test').TestContext} t
 * @param {string[]} [args] more arguments
 * @param {string} [program] the browser, or a script that starts it
 */
export async function startChromium(t, args = [], program = process.env['CHROMIUM'] ?? '/usr/bin/chromium') {
  const browser = await chromium.launch({ executablePath: program, args: [...CHROMIUM_ARGS, ...args] });
  t.after(() => browser.close());
  return browser;
}
