// Somebody in Firefox with fake devices, over WebDriver BiDi.

import { install, measure } from './probe.js';
import { launch } from 'puppeteer-core';
import { PATIENCE } from './wait.js';

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
  'media.gmp-provider.enabled': false,
};

/**
 * Starts the browser; it ends with the test.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, unknown>} [preferences] more of them
 */
export async function startFirefox(t, preferences = {}) {
  const browser = await launch({
    browser: 'firefox', executablePath: process.env['FIREFOX'] ?? '/usr/bin/firefox-esr', acceptInsecureCerts: true, headless: true,
    extraPrefsFirefox: { ...PREFERENCES, ...preferences },
  });
  t.after(() => browser.close());
  return browser;
}

/** Somebody in front of a page of their own. */
export class FirefoxPerson {
  /** @type {string[]} errors and exceptions of the page */
  problems = [];

  /** @param {import('puppeteer-core').Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on('console', (m) => {
      if (m.type() === 'error' || m.type() === 'warn') this.problems.push(`${m.type()}: ${m.text()}`);
    });
    page.on('pageerror', (e) => this.problems.push(`exception: ${String(e)}`));
  }

  /**
   * @param {import('puppeteer-core').Browser} browser
   * @param {object} [settings] of the client
   */
  static async arrive(browser, settings = {}) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    await page.evaluateOnNewDocument(install, settings);
    return new FirefoxPerson(page);
  }

  /** @param {string} selector of a control */
  async click(selector) {
    await this.page.locator(selector).setTimeout(PATIENCE).click();
  }

  /**
   * Joins with camera and microphone.
   * @param {string} url of the page of the group
   * @param {string} name
   * @param {string} password
   */
  async join(url, name, password) {
    await this.page.goto(url);
    for (const device of ['Microphone', 'Camera']) {
      await this.click(`button[aria-label="${device}"]`);
      await this.page.waitForSelector(`button[aria-label="${device}"][aria-pressed="true"][aria-disabled="false"]`);
    }
    await this.page.locator('#username').fill(name);
    await this.page.locator('#password').fill(password);
    await this.click('.preform button[type="submit"]');
    await this.page.waitForSelector('button[aria-label="Leave"]');
  }

  media() {
    return this.page.evaluate(measure);
  }
}
