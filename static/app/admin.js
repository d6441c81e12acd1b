// The rooms of the server, as its administrators see and change them: over the administrative interface only.

import { computed, signal } from '../third-party/signals.js';
import { createGroup, deleteGroup, getGroup, getStatistics, listGroups, ManagementError, setManagementBase, setManagementCredentials, updateGroup } from '../lib/management.js';
import { fetchPublicGroups } from '../lib/index.js';
import { rootUrl } from './paths.js';
import { t } from './i18n.js';

/** @typedef {Record<string, unknown>} Settings of a group, as in its file */
/** @typedef {{name: string, title: string, here: number, note: '' | 'redirect' | 'expired' | 'subgroups' | 'unreadable'}} RoomEntry note: what is special about it */

/** Of so many rooms the list says more than the server knows of all: that takes a request for each. */
const MAX_DESCRIBED = 200;
/** How many of these are under way at a time. */
const AT_A_TIME = 4;

export const signedIn = signal(/** @type {'no' | 'wrong' | 'yes'} */ ('no'));
/** Absent while they are being loaded. */
export const rooms = signal(/** @type {RoomEntry[] | null} */ (null));
/** The room that is shown; `saved` is what its file says and `draft` what is to become of it. */
export const room = signal(/** @type {{name: string, etag: string, saved: Settings, draft: Settings} | null} */ (null));
/** What was typed as the settings of the room are none. */
export const malformed = signal(false);
/** What went wrong last, in words. */
export const problem = signal('');
/** What was done last. */
export const done = signal('');

/** The settings that differ from the file. */
export const changes = computed(() => {
  const { saved = {}, draft = {} } = room.value ?? {};
  return [...new Set([...Object.keys(saved), ...Object.keys(draft)])].filter((key) => JSON.stringify(saved[key]) !== JSON.stringify(draft[key]));
});

/**
 * Signs in by reading the list of rooms.
 * @param {string} name
 * @param {string} password
 */
export async function signIn(name, password) {
  setManagementBase(rootUrl('galene-api/v0/'));
  setManagementCredentials(name, password);
  problem.value = '';
  try {
    await loadRooms();
    signedIn.value = 'yes';
  } catch (e) {
    if (e instanceof ManagementError && e.status === 401) signedIn.value = 'wrong';
    else problem.value = wordsFor(e);
  }
}

/** Reads the list of rooms, with what is known of them without opening each. */
async function loadRooms() {
  const [names, live, publicOnes] = await Promise.all([
    listGroups(), getStatistics().catch(() => []), fetchPublicGroups(rootUrl('public-groups.json')).catch(() => []),
  ]);
  const titles = new Map([...live, ...publicOnes].map((g) => [g.name, g.displayName ?? '']));
  const here = new Map(live.map((g) => /** @type {const} */ ([g.name, g.clients?.length ?? 0])));
  const known = new Map(rooms.value?.map((r) => [r.name, r]));
  rooms.value = names.map((name) => ({ name, title: titles.get(name) || known.get(name)?.title || name, here: here.get(name) ?? 0, note: known.get(name)?.note ?? '' }));
  void describeRooms(names.slice(0, MAX_DESCRIBED));
}

/**
 * Adds to the list what only the files of the rooms say.
 * @param {string[]} names
 */
async function describeRooms(names) {
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const found = await getGroup(name).catch((e) => e);
      if (!found || !rooms.value) continue;
      const about = aboutOf(name, found);
      rooms.value = rooms.value.map((r) => (r.name === name ? { ...r, ...about } : r));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

/**
 * @param {string} name
 * @param {{data: Settings} | Error} found
 * @returns {Partial<RoomEntry>}
 */
function aboutOf(name, found) {
  if (found instanceof Error) return found instanceof ManagementError && found.status === 500 ? { note: 'unreadable' } : {};
  const { displayName } = found.data;
  return { title: typeof displayName === 'string' && displayName ? displayName : name, note: noteOf(found.data) };
}

/** @param {Settings} settings @returns {RoomEntry['note']} */
function noteOf(settings) {
  if (settings['redirect']) return 'redirect';
  if (Date.parse(String(settings['expires'] ?? '')) < Date.now()) return 'expired';
  return settings['auto-subgroups'] ? 'subgroups' : '';
}

/**
 * Does something and says how it went.
 * @param {() => Promise<void>} act
 * @param {string} [text] what to say if it worked
 * @returns {Promise<boolean>}
 */
export async function attempt(act, text = '') {
  problem.value = done.value = '';
  try {
    await act();
    // Who had nothing to say takes no words away that were said meanwhile.
    if (text) done.value = text;
    return true;
  } catch (e) {
    problem.value = wordsFor(e);
    return false;
  }
}

/** @param {unknown} e */
function wordsFor(e) {
  if (!(e instanceof ManagementError)) return e instanceof SyntaxError ? t('admin.badJson') : t('admin.unreachable');
  switch (e.status) {
    // What can be read with these credentials could also be written, if groups could.
    case 401: return t('admin.notWritable');
    case 404: return t('admin.gone');
    case 412: return t('admin.changedMeanwhile');
    case 500: return t('admin.unreadable');
    default: return t('admin.refused', { text: e.message });
  }
}

/** The name of the room that is to be shown; those asked for before may still come. */
let wanted = '';

/** @param {string} name */
export function openRoom(name) {
  wanted = name;
  return attempt(async () => {
    const found = await getGroup(name);
    if (found && wanted === name) room.value = { name, etag: found.etag, saved: found.data, draft: structuredClone(found.data) };
  });
}

export function closeRoom() {
  wanted = '';
  room.value = null;
  problem.value = done.value = '';
}

/**
 * Changes a setting of the draft; undefined and an empty text take it away.
 * @param {string} key
 * @param {unknown} value
 */
export function change(key, value) {
  if (!room.value) return;
  const draft = { ...room.value.draft };
  if (value === undefined || value === '') delete draft[key];
  else draft[key] = value;
  room.value = { ...room.value, draft };
  done.value = '';
}

/** @param {Settings} draft instead of the whole */
export function changeAll(draft) {
  if (room.value) room.value = { ...room.value, draft };
}

export function discard() {
  if (room.value) room.value = { ...room.value, draft: structuredClone(room.value.saved) };
  malformed.value = false;
  problem.value = '';
}

/** Writes the draft, unless somebody else has changed the room meanwhile. */
export function save() {
  return attempt(async () => {
    if (!room.value) return;
    if (malformed.value) throw new SyntaxError();
    const { name, draft, etag } = room.value;
    await updateGroup(name, draft, etag);
    const found = await getGroup(name);
    // What was changed while it was being saved is still to be saved.
    const now = room.value?.name === name ? room.value.draft : null;
    if (found && now) room.value = { name, etag: found.etag, saved: found.data, draft: now === draft ? structuredClone(found.data) : now };
    await loadRooms();
  }, t('admin.saved'));
}

/**
 * @param {string} name
 * @returns {Promise<boolean>} whether there is such a room now
 */
export async function makeRoom(name) {
  const made = await attempt(async () => {
    await createGroup(name, {});
    await loadRooms();
  });
  if (made) await openRoom(name);
  return made;
}

/** @param {string} name */
export function removeRoom(name) {
  return attempt(async () => {
    await deleteGroup(name);
    // Another one may have been opened meanwhile.
    if (room.value?.name === name) room.value = null;
    await loadRooms();
  }, t('admin.deleted', { name }));
}
