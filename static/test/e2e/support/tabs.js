// A Chromium whose pages are tabs, of which only one in each window is visible. Playwright keeps every page visible, whatever lies over it.

import { readFile } from 'node:fs/promises';
import { launch } from 'puppeteer-core';
import { CHROMIUM_ARGS } from './chromium.js';
import { install } from './probe.js';
import { PATIENCE } from './wait.js';

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
export class TabPerson {
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
    // A context has its own window.
    const page = await (await browser.createBrowserContext()).newPage();
    await page.setViewport({ width: 1280, height: 800 });
    await page.evaluateOnNewDocument(install, settings);
    return new TabPerson(page);
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

  /**
   * Has the page run another text of one of its modules from the next load on.
   * @param {string} path of the module
   * @param {(text: string) => string} change
   */
  async rewrite(path, change) {
    const body = change(await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8'));
    await this.page.setRequestInterception(true);
    this.page.on('request', (r) => void (r.url().endsWith(`/${path}`) ? r.respond({ contentType: 'text/javascript', body }) : r.continue()));
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
