// The logins and the invitations of a room, as administrators see and change them.

import { attempt, room } from './admin.js';
import { createToken, createUser, deleteToken, deleteUser, getToken, getUser, listTokens, listUsers, ManagementError, setPassword, updateToken, updateUser } from '../lib/management.js';
import { signal } from '../third-party/signals.js';
import { t } from './i18n.js';

/** @typedef {{name: string | null, permissions: string | string[], etag: string}} Login null is everybody without an entry */
/** @typedef {import('../lib/messages.js').Token & {name: string, etag: string}} Invitation name is the secret */

/** How many are asked for at a time. */
const AT_ONCE = 6;

/** Absent while they are being loaded. */
export const logins = signal(/** @type {Login[] | null} */ (null));
export const invitations = signal(/** @type {Invitation[] | null} */ (null));

/** @param {string} group */
export function loadLogins(group) {
  logins.value = null;
  return attempt(async () => {
    const names = /** @type {(string | null)[]} */ (await listUsers(group));
    const found = await each([...names, null], async (name) => {
      try {
        const user = await getUser(group, name);
        return user ? { name, permissions: user.data.permissions ?? [], etag: user.etag } : null;
      } catch (e) {
        // There need not be a wildcard.
        if (e instanceof ManagementError && e.status === 404) return null;
        throw e;
      }
    });
    if (room.peek()?.name === group) logins.value = found;
  });
}

/** @param {string} group */
export function loadInvitations(group) {
  invitations.value = null;
  return attempt(async () => {
    const found = await each(await listTokens(group), async (name) => {
      const token = await getToken(group, name);
      return token ? { ...token.data, name, etag: token.etag } : null;
    });
    if (room.peek()?.name === group) invitations.value = found;
  });
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
    if (password) await setPassword(group, name, name === null, password);
    await loadLogins(group);
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
