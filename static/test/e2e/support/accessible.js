// Whether a page can be used by everybody, and fits its window.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { isFirefox } from './person.js';
import { untilEqual } from './wait.js';

/** @typedef {import('./person.js').Person} Person */

const axe = await readFile(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/**
 * What it looks at, the document and its styles, is the same in every browser, and in Firefox it takes a second: there it does so only when BROWSERS=all
 * asks for it.
 * @param {Person} person
 * @param {string} where
 * @param {string} [within] selector of all that is looked at; without it, of the whole page
 */
export async function assertAccessible(person, where, within) {
  if (isFirefox(person.page) && process.env['BROWSERS'] !== 'all') return;
  // Evaluated by the debugger, which the content security policy does not concern.
  if (!await person.page.evaluate(() => 'axe' in globalThis)) await person.page.evaluate(axe);
  // Firefox 153 crashes if one of these is read here and by the driver, which looks for labels. Without them axe reads the attributes.
  await person.page.evaluate(() => {
    if (!/Firefox/.test(navigator.userAgent)) return;
    for (const name of Object.getOwnPropertyNames(Element.prototype)) if (/^aria.*Elements?$/.test(name)) Reflect.deleteProperty(Element.prototype, name);
  });
  const violations = await person.page.evaluate(async (part) => {
    // Colours on their way from one to another are no contrast to judge.
    const moving = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map((a) => a.finished));
    const result = await Object(globalThis).axe.run(part ?? document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    // Buttons of devices and of the toolbar keep their names: the one named "Microphone" shows "Mic", for want of room, which the rule takes for another
    // word, and the one named "Chat" how many messages are new.
    const named = (/** @type {any} */ node) => document.querySelector(node.target[0])?.matches('.tool, .vsplit > button') ?? false;
    for (const v of result.violations) if (v.id === 'label-content-name-mismatch') v.nodes = v.nodes.filter((/** @type {any} */ node) => !named(node));
    return result.violations.filter((/** @type {any} */ v) => v.nodes.length > 0).map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html.slice(0, 160)).join(' | ')}`);
  }, within);
  assert.deepEqual(violations, [], where);
}

/**
 * Waits until a page fits its window: it has been laid out a moment after the window or the page has changed.
 * @param {Person} person
 * @param {string} where
 */
export async function assertFits(person, where) {
  await untilEqual(`${where} fits`, () => person.page.evaluate(sticksOut), { wide: 0, high: 0, out: [] });
}

/** Runs in the page: what does not fit, once what has changed is drawn. */
async function sticksOut() {
  for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => { globalThis.requestAnimationFrame(resolve); });
  const page = document.documentElement;
  const wide = page.scrollWidth - page.clientWidth;
  // A call fills the window exactly; other pages may scroll.
  const high = document.querySelector('.call') ? page.scrollHeight - page.clientHeight : 0;
  const out = [...document.querySelectorAll('button, input, textarea, a, h1')].filter((e) => {
    const r = e.getBoundingClientRect();
    const { left, right } = (e.parentElement?.closest('.seg, .dlg, .menu, .card') ?? page).getBoundingClientRect();
    // Wide tables scroll on their own.
    return r.width > 0 && !e.closest('.scroll, .sr') && (r.left < left - 1 || r.right > right + 1);
  });
  return { wide, high, out: out.map((e) => `${e.tagName} ${e.className} ${e.textContent}`) };
}
