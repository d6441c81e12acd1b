// Safari's names for what the standard calls otherwise, in Chromium, which has them too.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { GROUP, startServer } from './support/server.js';
import { until } from './support/wait.js';

/** What fills the screen, as Safari says it. @returns {string} */
function filling() {
  const element = Object(document).webkitFullscreenElement;
  return element ? `${element.localName} ${element.closest('.tile')?.getAttribute('aria-label') ?? ''}` : '';
}

const standard = () => {
  Reflect.deleteProperty(Element.prototype, 'requestFullscreen');
  for (const name of ['exitFullscreen', 'fullscreenElement']) Reflect.deleteProperty(Object.getPrototypeOf(Object.getPrototypeOf(document)), name);
};

const onPhones = () => {
  Reflect.deleteProperty(Element.prototype, 'webkitRequestFullscreen');
  Object(HTMLVideoElement).prototype.webkitEnterFullscreen = /** @this {HTMLVideoElement} */ function enter() {
    Object(document).webkitFullscreenElement = this;
  };
  Object.defineProperty(document, 'webkitFullscreenElement', { value: null, writable: true });
  Object(document).webkitExitFullscreen = () => { Object(document).webkitFullscreenElement = null; };
};

test('a picture fills the screen', async (t) => {
  const server = await startServer(t, { call: GROUP });
  const browser = await startChromium(t);
  const bob = await Person.arrive(browser);
  await bob.join(`${server.url}group/call/`, 'bob', 'secret');
  for (const [where, scripts, expected] of /** @type {const} */ ([
    ['in Safari', [standard], /^div bob/],
    ['in Safari of a phone', [standard, onPhones], /^video bob/],
  ])) {
    await t.test(where, async () => {
      const alice = await Person.arrive(browser);
      for (const script of scripts) await alice.page.addInitScript(script);
      await alice.join(`${server.url}group/call/`, 'alice', 'wonder', { devices: false });
      await alice.pictureOf('bob');
      await alice.tile('bob').focus();
      await alice.page.keyboard.press('.');
      await alice.page.getByRole('menuitem', { name: 'Full screen' }).click();
      assert.match(await until('the screen is full', () => alice.page.evaluate(filling)), expected);
      await alice.page.evaluate(() => Object(document).webkitExitFullscreen());
      await until('it is not any more', async () => await alice.page.evaluate(filling) === '');
      await alice.assertNoProblems();
      await alice.button('Leave').click();
    });
  }
});
