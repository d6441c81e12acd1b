// People in real browsers with fake devices.

import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { readFile } from 'node:fs/promises';
import { comeToFront, nextDownload, point } from './firefox.js';
import { install, measure } from './probe.js';
import { PATIENCE } from './wait.js';

/** What browsers say of themselves, not the client, when the server was stopped by the test. */
export const SERVER_GONE = [/WebSocket connection to .* failed/, /net::ERR_CONNECTION_REFUSED/, /can.t establish a connection to the server/, /interrupted while the page was loading/];

/** Who may read and write the clipboard. Firefox has no such permission: the browser is started so that it does not ask. */
export const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };

/** Settings of who has the camera give what the page asks for by itself: three encodings of it are most of what a person costs this machine. */
export const WHOLE_CAMERA = { resolution: '' };

/** @param {import('playwright-core').Page} page */
export const isFirefox = (page) => page.context().browser()?.browserType().name() === 'firefox';

/** Somebody in front of a page of their own. */
export class Person {
  /** @type {string[]} errors, warnings and exceptions of the page */
  problems = [];
  /** @type {Set<string>} origins of the documents that the page has shown */
  #homes = new Set();
  /** @type {Set<string>} origins from which the page has wanted anything else */
  #asked = new Set();

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on('console', (m) => {
      const text = `${m.type()}: ${m.text()}`;
      if (m.type() === 'error' || m.type() === 'warning') this.problems.push(text);
    });
    page.on('pageerror', (e) => this.problems.push(`exception: ${e.message}`));
    page.on('request', (r) => {
      const { origin, protocol } = new URL(r.url());
      if (/^https?:$/.test(protocol)) (r.isNavigationRequest() ? this.#homes : this.#asked).add(origin);
    });
  }

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {import('playwright-core').BrowserContextOptions & {settings?: object}} [options] settings: of the client
   */
  static async arrive(browser, { settings = {}, permissions = [], ...options } = {}) {
    const firefox = browser.browserType().name() === 'firefox';
    // None at all, given as a list, would take away those that nobody has asked about.
    const granted = firefox || permissions.length === 0 ? {} : { permissions };
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 }, ...granted, ...options });
    // This Firefox cannot be told which colours the person prefers, and whether anything may move.
    const wishes = firefox ? { ...options.colorScheme && { theme: options.colorScheme }, ...options.reducedMotion === 'reduce' && { stillness: true } } : {};
    await context.addInitScript(install, { ...wishes, ...settings });
    const page = await context.newPage();
    if (isFirefox(page)) comeToFront(page);
    return new Person(page);
  }

  /** @param {string | RegExp} name accessible name of a button */
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

  /**
   * @param {import('playwright-core').Locator} target
   * @param {{x: number, y: number}} [position] in it; without, its middle
   */
  async doubleClick(target, position) {
    if (!isFirefox(this.page)) {
      await target.dblclick(position && { position });
      return;
    }
    await target.hover(position && { position });
    const box = await target.boundingBox();
    if (!box) throw new Error('there is nothing to click at');
    const [x, y] = [box.x + (position?.x ?? box.width / 2), box.y + (position?.y ?? box.height / 2)].map(Math.round);
    const [down, up] = ['pointerDown', 'pointerUp'].map((type) => ({ type, button: 0 }));
    await point(this.page, 'mouse', [{ type: 'pointerMove', x, y }, down, up, down, up]);
  }

  /**
   * What the browser keeps as a file once something is done.
   * @param {() => Promise<void>} act
   * @returns {Promise<{name: string, content: Buffer}>}
   */
  async keep(act) {
    if (isFirefox(this.page)) {
      const [path] = await Promise.all([nextDownload(this.page), act()]);
      return { name: basename(path), content: await readFile(path) };
    }
    const [download] = await Promise.all([this.page.waitForEvent('download'), act()]);
    return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
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

  /**
   * Nothing went wrong in the page, and nothing of it came from elsewhere.
   * @param {RegExp[]} [expected] that may have
   * @param {string[]} [elsewhere] origins from which something did
   */
  async assertNoProblems(expected = [], elsewhere = []) {
    const unexpected = this.problems.filter((p) => ![...expected].some((e) => e.test(p)));
    assert.deepEqual(unexpected, []);
    assert.deepEqual([...this.#asked].filter((origin) => !this.#homes.has(origin)), elsewhere, 'asked of other servers');
    assert.deepEqual(await this.page.evaluate(() => Object(globalThis).violations), [], 'violations of the content security policy');
  }
}
