// Tests that run in every browser.

import { test } from 'node:test';
import { startChromium } from './chromium.js';
import { startFirefox } from './firefox.js';

const BROWSERS = { Chromium: startChromium, Firefox: startFirefox };

/** @typedef {(t: import('node:test').TestContext) => Promise<import('playwright-core').Browser>} Start starts a browser that ends with the test */

/** @typedef {(t: import('node:test').TestContext, start: Start, browser: keyof typeof BROWSERS) => Promise<void>} Body */

/** Whether all that can run in Firefox is to. */
export const ALL_ASKED = process.env['BROWSERS'] === 'all';

/**
 * Declares a test for each browser.
 * @param {string} name
 * @param {Body} body
 */
export function everywhere(name, body) {
  for (const browser of /** @type {(keyof typeof BROWSERS)[]} */ (Object.keys(BROWSERS))) {
    test(`${name}, in ${browser}`, (t) => body(t, BROWSERS[browser], browser));
  }
}

/**
 * The same for what takes long and is much like what other tests show of Firefox: there it runs when BROWSERS=all asks for it.
 * @param {string} name
 * @param {Body} body
 */
export function everywhereIfAsked(name, body) {
  if (ALL_ASKED) everywhere(name, body);
  else test(`${name}, in Chromium`, (t) => body(t, startChromium, 'Chromium'));
}
