// The landing page: the list of public rooms, and the way to a room by its name.

import { fetchPublicGroups } from '../lib/index.js';
import { rootUrl } from './paths.js';
import { signal } from '../third-party/signals.js';

/** @typedef {import('../lib/messages.js').Status} Status */

/** How often the list is read again while the page is visible, ms. */
const REFRESH = 15_000;

/** Absent while it is being loaded for the first time. */
export const publicRooms = signal(/** @type {Status[] | 'failed' | null} */ (null));

/** @param {Status} room @returns {string} what it is called in lists, in the order of which they are */
export function titleOf({ displayName, name }) {
  return displayName || name;
}

/** Reads the list. A list that is already there stays when the server cannot be reached. */
export async function loadRooms() {
  try {
    const list = await fetchPublicGroups(rootUrl('public-groups.json'));
    publicRooms.value = list.sort((a, b) => titleOf(a).localeCompare(titleOf(b), undefined, { numeric: true }));
  } catch {
    if (!Array.isArray(publicRooms.value)) publicRooms.value = 'failed';
  }
}

/** Reads the list now, and again and again while the page is visible. */
export function watchRooms() {
  void loadRooms();
  setInterval(() => {
    if (document.visibilityState === 'visible') void loadRooms();
  }, REFRESH);
}

/**
 * @param {string} name of a room, as typed
 * @returns {string} address of its page
 */
export function roomUrl(name) {
  const parts = name.trim().split('/').filter((part) => !['', '.', '..'].includes(part));
  return rootUrl(`group/${parts.map(encodeURIComponent).join('/')}/`);
}

/**
 * @param {string} url address of the page of a room
 * @returns {string} the name in it; as it is written there if it cannot be decoded
 */
export function roomName(url) {
  const written = url.slice(rootUrl('group/').length).replace(/\/$/, '');
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

/**
 * @param {string} name
 * @returns {Promise<'exists' | 'absent' | 'unreachable' | number>} a number: the status of HTTP by which the server refuses to tell
 */
export async function lookUp(name) {
  try {
    const { ok, status } = await fetch(`${roomUrl(name)}.status`, { method: 'HEAD', cache: 'no-store' });
    return ok ? 'exists' : status === 404 ? 'absent' : status;
  } catch {
    return 'unreachable';
  }
}
