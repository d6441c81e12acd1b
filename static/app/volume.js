// How loud each person is, for us alone: remembered as long as the window lives.

import { signal } from '../third-party/signals.js';

const KEY = 'volumes';

/** @typedef {{level: number, silent: boolean}} Volume level from 0 to 1; silent: nothing is heard, whatever the level */

/** @type {Volume} */
const FULL = { level: 1, silent: false };

/** By name, since ids change when somebody comes back; by id for those without one. */
const volumes = signal(/** @type {Record<string, Volume>} */ (read()));

/** @typedef {{id: string, username: string}} Who */

/** @param {Who} who */
const keyOf = (who) => (who.username ? `name:${who.username}` : `id:${who.id}`);

/**
 * @param {Who} who
 * @returns {Volume}
 */
export function volumeOf(who) {
  return volumes.value[keyOf(who)] ?? FULL;
}

/**
 * What the element that plays somebody is set to.
 * @param {Who} who
 * @returns {number} from 0 to 1
 */
export function loudness(who) {
  const { level, silent } = volumeOf(who);
  return silent ? 0 : level;
}

/**
 * @param {Who} who
 * @param {Partial<Volume>} change
 */
export function setVolume(who, change) {
  volumes.value = { ...volumes.value, [keyOf(who)]: { ...volumeOf(who), ...change } };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(volumes.value));
  } catch {
    return;
  }
}

/** @returns {Record<string, Volume>} nothing if storage is refused or damaged */
function read() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    return stored !== null && typeof stored === 'object' ? stored : {};
  } catch {
    return {};
  }
}
