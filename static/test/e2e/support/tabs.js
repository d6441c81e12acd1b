// A Chromium whose pages are tabs, of which only one in each window is visible. Playwright keeps every page visible, whatever lies over it.

import { launch } from 'puppeteer-core';
import { CHROMIUM_ARGS } from './chromium.js';
import { FirefoxPerson } from './firefox.js';

/** What keeps pages awake that nobody sees. */
const WAKEFUL = ['--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding'];

/**
 * Starts the browser; it ends with the test.
 * @param {import('node:test').TestContext} t
 */
export async function startTabs(t) {
  const browser = await launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', headless: true, acceptInsecureCerts: true,
    args: CHROMIUM_ARGS.filter((arg) => !WAKEFUL.includes(arg)), ignoreDefaultArgs: WAKEFUL,
  });
  t.after(() => browser.close());
  return browser;
}

/** Somebody with a window of their own. */
export class TabPerson extends FirefoxPerson {
  /**
   * @param {import('puppeteer-core').Browser} browser
   * @param {object} [settings] of the client
   */
  static async arrive(browser, settings = {}) {
    // A context has its own window.
    const context = await browser.createBrowserContext();
    const { page, problems } = await super.arrive(/** @type {any} */ (context), settings);
    const person = new TabPerson(page);
    person.problems = problems;
    return person;
  }

  /** Opens another tab before the page. @returns {Promise<() => Promise<void>>} comes back to the page */
  async lookAway() {
    const other = await this.page.browserContext().newPage();
    await other.bringToFront();
    return async () => {
      await this.page.bringToFront();
      await other.close();
    };
  }

  /** Whether the browser shows the page. */
  visible() {
    return this.page.evaluate(() => document.visibilityState === 'visible');
  }
}
