// Going through a page by keyboard alone: whether everything is reached, and whether one sees where one is.

import assert from 'node:assert/strict';
import { lookAway } from './firefox.js';
import { isFirefox } from './person.js';
import { until } from './wait.js';

/** @typedef {import('./person.js').Person} Person */

/** What a keyboard can reach. */
const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex]';
/** Groups in which the arrow keys go from one control to the next, and Tab stops once. */
const COMPOSITES = '[role="toolbar"], [role="menu"], [role="tablist"], [role="radiogroup"], [role="log"]';

/**
 * Runs in the page: notes what has the focus, and what the one before looks like without it.
 * @param {string} scope selector of the part of the page
 * @returns {{again: boolean, inside: boolean}} again: we have been here
 */
function visit(scope) {
  const globals = Object(globalThis);
  /** @param {Element | null} e */
  const look = (e) => {
    if (!e) return '';
    const s = getComputedStyle(e);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor].join();
  };
  const looks = (/** @type {Element} */ e) => `${look(e)} ${look(e.parentElement)}`;
  const walk = globals.walk ??= { stops: new Map(), last: null, unseen: new Set() };
  const e = document.activeElement;
  if (walk.last && walk.last !== e && walk.last.isConnected && looks(walk.last) === walk.stops.get(walk.last)) walk.unseen.add(walk.last);
  const inside = e !== null && e !== document.body && e.closest(scope) !== null;
  // A field for a time is several to Tab.
  const again = walk.stops.has(e) && e !== walk.last;
  walk.last = inside ? e : null;
  if (inside && !walk.stops.has(e)) {
    walk.stops.set(e, looks(e));
    const box = e.getBoundingClientRect();
    const shown = e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
    // One that lies under what shows its state has its ring there.
    if (!shown && !e.parentElement?.matches(':has(:focus-visible)')) walk.unseen.add(e);
  }
  return { again, inside };
}

/**
 * Runs in the page: what was not reached, and where one does not see that one is.
 * @param {{scope: string, controls: string, composites: string, all: boolean}} options all: every control has to be reached
 */
function result({ scope, controls, composites, all }) {
  const { walk } = Object(globalThis);
  delete Object(globalThis).walk;
  const described = (/** @type {Element} */ e) => `${e.tagName.toLowerCase()}.${e.className} ${e.getAttribute('aria-label') ?? e.textContent?.slice(0, 40) ?? ''}`;
  const wanted = [...document.querySelectorAll(scope)].flatMap((part) => [...part.querySelectorAll(controls)]).filter((e) => {
    if (!(e instanceof HTMLElement) || e.matches(':disabled, [aria-hidden="true"] *') || !e.checkVisibility({ checkVisibilityCSS: true }) || e.getClientRects().length === 0) return false;
    if (e.tabIndex >= 0) return true;
    // The rest is reached by the arrow keys, or takes the focus only when it is given to it.
    return e.matches('a, button, input, select, textarea') && !e.closest(composites);
  });
  return { count: walk?.stops.size ?? 0, unreached: all ? wanted.filter((e) => !walk?.stops.has(e)).map(described) : [], unseen: [...walk?.unseen ?? []].map(described) };
}

/**
 * Presses a key until everything in a part of the page has had the focus.
 * @param {Person} person
 * @param {string} scope selector of that part
 * @param {{key?: string, all?: boolean, where: string, atLeast?: number}} options all: every control has to be reached; atLeast: so many
 */
async function goThrough({ page }, scope, { key = 'Tab', all = true, where, atLeast = 1 }) {
  for (let i = 0, outside = 0; i < 200 && outside < 60; i++) {
    // Beyond the last control, Firefox goes on in its own window, without coming back by itself.
    if (isFirefox(page) && !await page.evaluate(() => document.hasFocus())) await (await lookAway(page))();
    const { again, inside } = await page.evaluate(visit, scope);
    if (again) break;
    if (!inside) outside++;
    await page.keyboard.press(key);
  }
  const { count, unreached, unseen } = await page.evaluate(result, { scope, controls: CONTROLS, composites: COMPOSITES, all });
  assert.deepEqual({ unreached, unseen }, { unreached: [], unseen: [] }, where);
  assert.ok(count >= atLeast, `${where}: only ${count} controls`);
}

/**
 * Tab leads to every control.
 * @param {Person} person
 * @param {string} scope selector of the part of the page
 * @param {string} where
 */
export async function tabThrough(person, scope, where) {
  await goThrough(person, scope, { where });
}

/**
 * The arrow keys lead to every one of a group, of which one has the focus.
 * @param {Person} person
 * @param {string} items selector
 * @param {string} key
 * @param {string} where
 */
export async function arrowThrough(person, items, key, where) {
  const all = await person.page.locator(items).filter({ visible: true }).count();
  await goThrough(person, items, { key, all: false, where, atLeast: all });
}

/**
 * Whether a control has the focus.
 * @param {import('playwright-core').Locator} control
 * @param {string} where
 */
export async function assertFocused(control, where) {
  await until(`${where}: the focus is there`, () => control.evaluate((e) => e === document.activeElement));
}

/**
 * Opens a menu by its button, goes through it, and comes back.
 * @param {Person} person
 * @param {import('playwright-core').Locator} opener
 * @param {string} where
 */
export async function throughMenu(person, opener, where) {
  const menu = person.page.getByRole('menu');
  await opener.focus();
  await person.page.keyboard.press('Enter');
  await menu.waitFor();
  await arrowThrough(person, '[role="menu"] [role^="menuitem"]', 'ArrowDown', where);
  await person.page.keyboard.press('Escape');
  await menu.waitFor({ state: 'detached' });
  await assertFocused(opener, where);
}

/**
 * Opens a menu by its button and chooses an entry, by keys.
 * @param {Person} person
 * @param {import('playwright-core').Locator} opener
 * @param {string} entry
 */
export async function choose(person, opener, entry) {
  await opener.focus();
  await person.page.keyboard.press('Enter');
  const item = person.page.getByRole('menuitem', { name: entry, exact: true });
  await item.waitFor();
  for (let i = 0; i < 40 && !await item.evaluate((e) => e === document.activeElement); i++) await person.page.keyboard.press('ArrowDown');
  await person.page.keyboard.press('Enter');
}

/**
 * Goes through what has opened over the page, and closes it.
 * @param {Person} person
 * @param {import('playwright-core').Locator} opener what gets the focus back
 * @param {string} where
 */
export async function throughDialog(person, opener, where) {
  const dialog = person.page.getByRole('dialog');
  await dialog.waitFor();
  await tabThrough(person, '[role="dialog"], dialog', where);
  await person.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await assertFocused(opener, where);
}

/**
 * Goes through a small window beside what opened it, and closes it; Tab beyond its end would do that, too.
 * @param {Person} person
 * @param {import('playwright-core').Locator} opener what gets the focus back
 * @param {string} where
 */
export async function throughPopover(person, opener, where) {
  const popover = person.page.getByRole('dialog');
  await popover.waitFor();
  const controls = popover.locator('button, input');
  await assertFocused(controls.first(), where);
  for (let i = 1; i < await controls.count(); i++) {
    await person.page.keyboard.press('Tab');
    await assertFocused(controls.nth(i), where);
  }
  await person.page.keyboard.press('Escape');
  await popover.waitFor({ state: 'detached' });
  await assertFocused(opener, where);
}
