// Tests that run in every browser.

import { test } from 'node:test';
import { startChromium } from './chromium.js';
import { startFirefox } from './firefox.js';

const BROWSERS = { Chromium: startChromium, Firefox: startFirefox };

/** @typedef {(t: import('node:test').TestContext) => Promise<import('playwright-core').Browser>} Start starts a browser that ends with the test */

/**
 * Declares a test for each browser.
 * @param {string} name
 * @param {(t: import('node:test').TestContext, start: Start, browser: keyof typeof BROWSERS) => Promise<void>} body
 */
export function everywhere(name, body) {
  for (const browser of /** @type {(keyof typeof BROWSERS)[]} */ (Object.keys(BROWSERS))) {
    test(`${name}, in ${browser}`, (t) => body(t, BROWSERS[browser], browser));
  }
}
