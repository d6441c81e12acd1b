// How the stage is laid out, and what of it is large: the person's choice, and who speaks.

import { changeSettings, settings } from './settings.js';
import { effect, signal } from '../third-party/signals.js';
import { mainSpeaker } from '../layout/rank.js';
import { page, pinned, speakers } from './store.js';

/** @typedef {import('../layout/arrange.js').Mode} Mode */

/** @type {Mode[]} */
export const MODES = ['auto', 'grid', 'sidebar', 'spotlight'];

/** Key of the tile of who spoke last, ourselves excepted. */
export const lastSpeaker = signal('');
/** Places in the order of arrival that were exchanged, by key of the tile. */
export const exchanged = signal(/** @type {ReadonlyMap<string, number>} */ (new Map()));
/** Keys of the tiles on the stage, in the order in which they are shown. */
export const shownOrder = signal(/** @type {string[]} */ ([]));

/** Keys of the tiles that we do not want to see; who is in them is heard. */
export const hiddenTiles = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @type {Map<string, number>} key of the tile to when it was last heard, ms */
const heard = new Map();

/**
 * The key of a person's tile.
 * @param {string} userId or `self`
 */
export function keyOfPerson(userId) {
  return userId === 'self' ? 'self' : `user:${userId}`;
}

/** Remembers who speaks from now on. */
export function watchSpeakers() {
  effect(() => {
    const keys = [...speakers.value].filter((id) => id !== 'self').map(keyOfPerson);
    for (const key of keys) heard.set(key, Date.now());
    lastSpeaker.value = mainSpeaker(lastSpeaker.peek(), new Set(keys));
  });
}

/** @typedef {import('./tiles.js').Tile} Tile */

/**
 * Exchanges places for who is to be seen but is on another page.
 * @param {typeof import('../layout/rank.js').promotion} rule who comes, and who goes
 * @param {Tile[]} seen those whose places may change, the most important first
 * @param {Tile[]} unseen those on other pages
 */
export function bringIntoSight(rule, seen, unseen) {
  if (page.peek() !== 0) return;
  const speaking = new Set([...speakers.peek()].map(keyOfPerson));
  const places = new Map(exchanged.peek());
  const since = new Map([...seen, ...unseen].map((t) => [t.key, t.since]));
  const changes = rule({ seen, unseen, speaking, heard, now: Date.now() });
  for (const [comes, goes] of changes) places.set(comes, since.get(goes) ?? 0).set(goes, since.get(comes) ?? 0);
  if (changes.length > 0) exchanged.value = places;
}

/** @param {Mode} mode */
export function setLayout(mode) {
  changeSettings({ layout: mode });
  page.value = 0;
}

/** Goes on to the next layout. */
export function nextLayout() {
  setLayout(MODES[(MODES.indexOf(settings.value.layout) + 1) % MODES.length] ?? 'auto');
}

/** @param {string} key of a tile, pinned or not any more */
export function togglePin(key) {
  pinned.value = pinned.value === key ? '' : key;
  // A grid has nothing large in it.
  if (pinned.value && settings.value.layout === 'grid') setLayout('auto');
  page.value = 0;
}

/**
 * @param {string} key of a tile
 * @param {boolean} away it is not shown, and its picture not received
 */
export function setHidden(key, away) {
  const keys = new Set(hiddenTiles.value);
  if (away) keys.add(key);
  else keys.delete(key);
  hiddenTiles.value = keys;
  if (away && pinned.value === key) pinned.value = '';
}

/** @param {number} n which of the tiles that are shown, from 1 */
export function pinNth(n) {
  const key = shownOrder.peek()[n - 1];
  if (key) togglePin(key);
}

/** Forgets what belongs to one call. */
export function forgetView() {
  pinned.value = '';
  lastSpeaker.value = '';
  exchanged.value = new Map();
  hiddenTiles.value = new Set();
  heard.clear();
}
