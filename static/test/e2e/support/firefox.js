// Firefox with fake devices, over WebDriver BiDi.

import { after } from 'node:test';
import { firefox } from 'playwright-core';

/** The browser. */
export const FIREFOX = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  // As many pictures a second as the other browser's camera gives here.
  'media.navigator.video.default_fps': 10,
  // What is drawn more often than pictures come is drawn for nobody.
  'layout.frame_rate': 20,
  'media.navigator.permission.disabled': true,
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
  'media.autoplay.block-webaudio': false,
  'media.gmp-provider.enabled': false,
  // Of pages that are shown again as they were left, Playwright does not hear.
  'browser.sessionhistory.max_total_viewers': 0,
  // The clipboard is read without a question.
  'dom.events.testing.asyncClipboard': true,
};

/**
 * A browser that ends with the test, for preferences of its own.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string | number | boolean>} preferences
 * @param {object} [options]
 * @param {string} [options.program] the browser, or a script that starts it
 * @param {boolean} [options.shown] on the display that there is, without which it draws nothing in three dimensions
 */
export async function startFirefoxWith(t, preferences, options) {
  const browser = await launch(preferences, options);
  t.after(() => browser.close());
  return browser;
}

/** @type {Promise<import('playwright-core').Browser> | null} */
let running = null;

/**
 * The browser of all tests that run in this process: it takes seconds to start. Who has arrived in it goes with the test.
 * @param {import('node:test').TestContext} t
 */
export async function startFirefox(t) {
  running ??= launch();
  const browser = await running;
  t.after(() => Promise.all(browser.contexts().map((context) => context.close())));
  return browser;
}

after(async () => (await running)?.close());

/**
 * @param {Record<string, string | number | boolean>} [preferences] more of them
 * @param {{program?: string, shown?: boolean}} [options]
 */
async function launch(preferences = {}, { program = FIREFOX, shown = false } = {}) {
  const browser = await firefox.launch({
    // The channel is that of an unchanged Firefox.
    channel: 'moz-firefox', headless: !shown, executablePath: program, firefoxUserPrefs: { ...PREFERENCES, ...preferences },
  });
  tolerate(browser);
  return browser;
}

/** @typedef {{send: (method: string, parameters: object) => Promise<unknown>, once: (event: string, listener: (event: any) => void) => void, sessionId: string}} Session of WebDriver BiDi, to which there is no public way */

/**
 * Lets a browser do without commands that it does not know. Playwright says of each new window which colours it prefers, even if nobody has asked
 * for any, with a command that is younger than the Firefox of a long-term release.
 * @param {import('playwright-core').Browser} browser
 */
function tolerate(browser) {
  /** @type {Session} */
  const session = Object(browser)._connection.toImpl(browser)._browserSession;
  const send = session.send.bind(session);
  session.send = async (method, parameters) => {
    try {
      return await send(method, parameters);
    } catch (e) {
      if (method !== 'emulation.setMediaFeaturesOverride') throw e;
      return {};
    }
  };
}

/** @param {import('playwright-core').Page} page @returns {Session} */
const sessionOf = (page) => Object(page)._connection.toImpl(page).delegate._session;

/** @type {WeakMap<import('playwright-core').Browser, string>} the window of each browser that was in front last */
const front = new WeakMap();

/**
 * Has the window of a page come to the front whenever something is typed or clicked in it: buttons of others do nothing on Enter, and nothing of them
 * fills the screen.
 * @param {import('playwright-core').Page} page
 */
export function comeToFront(page) {
  const browser = page.context().browser();
  if (!browser) return;
  // New ones open before all others, and another document has no focus at first.
  front.delete(browser);
  for (const event of /** @type {const} */ (['popup', 'framenavigated'])) page.on(/** @type {'popup'} */ (event), () => front.delete(browser));
  const session = sessionOf(page);
  const send = session.send.bind(session);
  session.send = async (method, parameters) => {
    if (method === 'input.performActions' && front.get(browser) !== session.sessionId) {
      front.set(browser, session.sessionId);
      await send('browsingContext.activate', { context: session.sessionId });
    }
    return send(method, parameters);
  };
}

/**
 * Opens another tab before a page, in its window, which hides it. Playwright opens windows only.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<() => Promise<void>>} comes back to the page
 */
export async function lookAway(page) {
  const session = sessionOf(page);
  const { context } = /** @type {{context: string}} */ (await session.send('browsingContext.create', { type: 'tab', referenceContext: session.sessionId }));
  return async () => {
    await session.send('browsingContext.close', { context });
    await session.send('browsingContext.activate', { context: session.sessionId });
  };
}

/**
 * What a pointer does, in one command. Playwright sends each step by itself, of which Firefox makes no double click, and knows no finger.
 * @param {import('playwright-core').Page} page
 * @param {'mouse' | 'touch'} pointerType
 * @param {object[]} actions as WebDriver has them
 */
export async function point(page, pointerType, actions) {
  const session = sessionOf(page);
  await session.send('input.performActions', {
    context: session.sessionId, actions: [{ type: 'pointer', id: pointerType, parameters: { pointerType }, actions }],
  });
}

/**
 * The next file that a page has the browser keep. Playwright does not hear of it, since no navigation leads to it.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string>} its path
 */
export function nextDownload(page) {
  return new Promise((resolve) => { sessionOf(page).once('browsingContext.downloadEnd', (event) => resolve(event.filepath)); });
}
