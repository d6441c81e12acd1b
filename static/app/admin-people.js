// The logins and the invitations of a room, as administrators see and change them.

import { attempt, room } from './admin.js';
import { createToken, createUser, deleteToken, deleteUser, getToken, getUser, listTokens, listUsers, ManagementError, setPassword, updateToken, updateUser } from '../lib/management.js';
import { signal } from '../third-party/signals.js';
import { t } from './i18n.js';

/** @typedef {{name: string | null, permissions: string | string[], etag: string}} Login null is everybody without an entry */
/** @typedef {import('../lib/messages.js').Token & {name: string, etag: string}} Invitation name is the secret */

/** How many are asked for at a time. */
const AT_ONCE = 6;

/** `null` while they are being loaded, `undefined` if they could not be. */
export const logins = signal(/** @type {Login[] | null | undefined} */ (null));
export const invitations = signal(/** @type {Invitation[] | null | undefined} */ (null));

/** How many people can log in to a room, not counting everybody without an entry, and how many invitations there are; absent while that is not known. */
export const counts = signal(/** @type {{group: string, logins?: number, invitations?: number}} */ ({ group: '' }));

/**
 * @param {string} group
 * @param {{logins?: number, invitations?: number}} found
 */
function setCounts(group, found) {
  const known = counts.peek();
  if (room.peek()?.name === group) counts.value = { ...(known.group === group && known), group, ...found };
}

/** How often the lists were asked for: one that comes late takes the place of no newer one. */
const asked = { logins: 0, invitations: 0 };

/**
 * Counts without reading each. What cannot be read has no count; whoever opens the tab is told why.
 * @param {string} group
 */
export function countPeople(group) {
  const before = { ...asked };
  listUsers(group).then((names) => before.logins === asked.logins && setCounts(group, { logins: names.length }), () => {});
  listTokens(group).then((names) => before.invitations === asked.invitations && setCounts(group, { invitations: names.length }), () => {});
}

/** @param {string} group */
export async function loadLogins(group) {
  const turn = ++asked.logins;
  const wanted = () => turn === asked.logins && room.peek()?.name === group;
  logins.value = null;
  const read = await attempt(async () => {
    const names = [...await listUsers(group), null];
    const found = await each(names, async (name) => {
      try {
        const user = await getUser(group, name);
        return user ? { name, permissions: user.data.permissions ?? [], etag: user.etag } : null;
      } catch (e) {
        // There need not be a wildcard.
        if (e instanceof ManagementError && e.status === 404) return null;
        throw e;
      }
    });
    if (!wanted()) return;
    logins.value = found;
    setCounts(group, { logins: names.length - 1 });
  });
  if (!read && wanted()) logins.value = undefined;
}

/** @param {string} group */
export async function loadInvitations(group) {
  const turn = ++asked.invitations;
  const wanted = () => turn === asked.invitations && room.peek()?.name === group;
  invitations.value = null;
  const read = await attempt(async () => {
    const found = await each(await listTokens(group), async (name) => {
      const token = await getToken(group, name);
      return token ? { ...token.data, name, etag: token.etag } : null;
    });
    if (!wanted()) return;
    invitations.value = found;
    setCounts(group, { invitations: found.length });
  });
  if (!read && wanted()) invitations.value = undefined;
}

/**
 * @param {string} group
 * @param {string | null} name
 * @param {string} permissions
 * @param {string} password
 */
export function addLogin(group, name, permissions, password) {
  return attempt(async () => {
    await createUser(group, name, { permissions });
    try {
      if (password) await setPassword(group, name, name === null, password);
    } finally {
      // Without a password there is a login all the same.
      await loadLogins(group);
    }
  }, t('admin.userAdded', { name: name ?? t('admin.everybody') }));
}

/**
 * @param {string} group
 * @param {Login} login
 * @param {string} permissions
 */
export function changePermissions(group, login, permissions) {
  return attempt(async () => {
    await updateUser(group, login.name, { permissions }, login.etag);
    await loadLogins(group);
  }, t('admin.saved'));
}

/**
 * @param {string} group
 * @param {string | null} name
 * @param {string} password
 */
export function changeLoginPassword(group, name, password) {
  return attempt(() => setPassword(group, name, name === null, password), t('admin.passwordSet', { name: name ?? t('admin.everybody') }));
}

/**
 * @param {string} group
 * @param {Login} login
 */
export function removeLogin(group, login) {
  return attempt(async () => {
    await deleteUser(group, login.name);
    await loadLogins(group);
  }, t('admin.deleted', { name: login.name ?? t('admin.everybody') }));
}

/**
 * @param {string} group
 * @param {{username?: string, permissions: string[], expires: string}} template
 */
export function addInvitation(group, template) {
  return attempt(async () => {
    await createToken(group, template);
    await loadInvitations(group);
  }, t('invite.created'));
}

/**
 * @param {string} group
 * @param {Invitation} invitation
 * @param {Date} expires
 */
export function extend(group, invitation, expires) {
  return attempt(async () => {
    const { name, etag, ...values } = invitation;
    await updateToken(group, name, { ...values, expires: expires.toISOString() }, etag);
    await loadInvitations(group);
  }, t('admin.saved'));
}

/**
 * @param {string} group
 * @param {Invitation} invitation
 */
export function removeInvitation(group, { name }) {
  return attempt(async () => {
    await deleteToken(group, name);
    await loadInvitations(group);
  }, t('admin.revoked'));
}

/**
 * @template T, R
 * @param {T[]} items
 * @param {(item: T) => Promise<R | null>} ask
 * @returns {Promise<R[]>} the answers that there are, in the order of the items
 */
async function each(items, ask) {
  /** @type {R[]} */
  const answers = [];
  for (let i = 0; i < items.length; i += AT_ONCE) {
    for (const answer of await Promise.all(items.slice(i, i + AT_ONCE).map(ask))) if (answer !== null) answers.push(answer);
  }
  return answers;
}
