// How the stage is laid out, and what of it is large: the person's choice, and who speaks.

import { changeSettings, settings } from './settings.js';
import { effect, signal } from '../third-party/signals.js';
import { mainSpeaker, promotion } from '../layout/rank.js';
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

/**
 * Brings who speaks on another page into sight.
 * @param {{key: string, fixed: boolean, since: number}[]} order every tile, the most important first
 * @param {number} perPage how many of them are seen
 */
export function bringSpeakersIntoSight(order, perPage) {
  if (page.peek() !== 0) return;
  const speaking = new Set([...speakers.peek()].map(keyOfPerson));
  const change = promotion({ order, perPage, speaking, heard });
  if (!change) return;
  const [comes, goes] = change.map((key) => order.find((t) => t.key === key));
  if (comes && goes) exchanged.value = new Map(exchanged.peek()).set(comes.key, goes.since).set(goes.key, comes.since);
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
