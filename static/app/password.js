// Changing one's own password.

import { ManagementError, setManagementBase, setPassword } from '../lib/management.js';
import { rootUrl } from './paths.js';
import { t } from './i18n.js';

/** The longest password that the server can hash, in bytes. */
const MAX_BYTES = 72;

/** @typedef {{field: '' | 'old' | 'password' | 'repeat', text: string}} Problem */

/** @returns {{group: string, user: string}} whose password this page is about, as its address says; empty if it does not */
export function whosePassword() {
  const query = new URLSearchParams(location.search);
  return { group: query.get('group') ?? '', user: query.get('username') ?? '' };
}

/**
 * @param {{group: string, user: string}} whose
 * @param {string} old
 * @param {string} password
 * @param {string} repeated
 * @returns {Promise<Problem | null>} null if it is changed
 */
export async function changePassword({ group, user }, old, password, repeated) {
  if (password === '') return { field: 'password', text: t('password.missing') };
  if (new TextEncoder().encode(password).length > MAX_BYTES) return { field: 'password', text: t('password.long') };
  if (password !== repeated) return { field: 'repeat', text: t('password.differ') };
  try {
    setManagementBase(rootUrl('galene-api/v0/'));
    await setPassword(group, user, false, password, old);
    return null;
  } catch (e) {
    if (!(e instanceof ManagementError)) return { field: '', text: t('password.unreachable') };
    if (e.status === 401) return { field: 'old', text: t('password.wrong') };
    return { field: '', text: t('password.refused', { text: e.message }) };
  }
}
