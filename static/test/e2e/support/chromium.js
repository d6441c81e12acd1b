// People in Chromium with fake devices.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { install, measure } from './probe.js';
import { PATIENCE } from './wait.js';

/** How it is started. */
export const CHROMIUM_ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--use-fake-device-for-media-stream=fps=20', '--use-fake-ui-for-media-stream', '--auto-accept-this-tab-capture',
  '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter,OptimizationHints,Translate',
  '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows', '--disable-background-timer-throttling',
];

/** Messages of the browser that do not come from the client: the server was stopped by the test. */
const EXPECTED = [/WebSocket connection to .* failed/, /net::ERR_CONNECTION_REFUSED/];

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

/** Somebody in front of a page of their own. */
export class Person {
  /** @type {string[]} errors, warnings and exceptions of the page */
  problems = [];

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on('console', (m) => {
      const text = `${m.type()}: ${m.text()}`;
      if (m.type() === 'error' || m.type() === 'warning') this.problems.push(text);
    });
    page.on('pageerror', (e) => this.problems.push(`exception: ${e.message}`));
  }

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {import('playwright-core').BrowserContextOptions & {settings?: object}} [options] settings: of the client
   */
  static async arrive(browser, { settings = {}, ...options } = {}) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 }, ...options });
    await context.addInitScript(install, settings);
    return new Person(await context.newPage());
  }

  /** @param {string} name accessible name of a button */
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /**
   * Fills in the form and presses Join.
   * @param {string} url of the page of the group
   * @param {string} name
   * @param {string} password
   * @param {{devices?: boolean}} [options] devices: with camera and microphone
   */
  async join(url, name, password, { devices = true } = {}) {
    await this.page.goto(url);
    if (devices) await this.switchOnDevices();
    await this.enter(name, password);
    await this.button('Leave').waitFor();
  }

  async switchOnDevices() {
    for (const device of ['Microphone', 'Camera']) {
      await this.button(device).click();
      await this.page.locator(`button[aria-label="${device}"][aria-pressed="true"][aria-disabled="false"]`).waitFor();
    }
  }

  /**
   * @param {string} name
   * @param {string} password
   */
  async enter(name, password) {
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Join').click();
  }

  /** @param {string} text */
  async say(text) {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.keyboard.press('Enter');
  }

  media() {
    return this.page.evaluate(measure);
  }

  /** The tile of somebody. @param {string} name */
  tile(name) {
    return this.page.getByRole('group', { name: new RegExp(`^${name}\\b`) });
  }

  /** Waits until somebody's picture can be seen. @param {string} name */
  async pictureOf(name) {
    await this.tile(name).locator('video').evaluate(async (video) => {
      const element = /** @type {HTMLVideoElement} */ (video);
      while (element.readyState < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    });
  }

  /** Nothing went wrong in the page. @param {RegExp[]} [expected] that may have */
  async assertNoProblems(expected = []) {
    const unexpected = this.problems.filter((p) => ![...expected].some((e) => e.test(p)));
    assert.deepEqual(unexpected, []);
    assert.deepEqual(await this.page.evaluate(() => Object(globalThis).violations), [], 'violations of the content security policy');
  }
}

export { EXPECTED as SERVER_GONE };
