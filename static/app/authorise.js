// How we prove who we are: by an invitation in the address of the page, by a token of the group's authorisation server, or
// by the password itself.

import { JoinError } from '../lib/index.js';
import { rememberName } from './settings.js';
import { t } from './i18n.js';

/** @typedef {import('../lib/messages.js').Status} Status */
/** @typedef {{username: string, password: string}} Typed */
/** @typedef {{username: string, password: string} | {username: string, password: string, token: string}} Proof */

/** A token in the compact form of RFC 7515. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** The token in the address of the page, empty if there was none or if it did not open the group. */
let invitation = '';

/** Takes the token, and the name that comes with it, out of the address: they are not to be kept with it. */
export function takeInvitation() {
  const query = new URLSearchParams(location.search);
  invitation = query.get('token') ?? '';
  const username = query.get('username');
  if (username) rememberName(username);
  if (invitation) globalThis.history.replaceState(globalThis.history.state, '', location.pathname);
}

/** @returns {boolean} whether the address of the page brought a token that has not been refused */
export function isInvited() {
  return invitation !== '';
}

/** The token is not to be tried again. */
export function dropInvitation() {
  invitation = '';
}

/**
 * @param {Status} status of the group
 * @returns {boolean} whether the visitor has been sent to the group's portal, to come back with a token
 */
export function sentToPortal({ authPortal }) {
  if (!authPortal || isInvited()) return false;
  location.assign(authPortal);
  return true;
}

/**
 * @param {Status} status of the group
 * @param {Typed} typed
 * @returns {Proof | Promise<Proof>} rejected with JoinError if the authorisation server refuses
 */
export function prove(status, typed) {
  if (isInvited()) return { username: typed.username, password: '', token: invitation };
  return status.authServer ? ask(status.authServer, status, typed) : typed;
}

/**
 * @param {string} authServer
 * @param {Status} status of the group
 * @param {Typed} typed
 * @returns {Promise<Proof>}
 */
async function ask(authServer, { name, location: address }, typed) {
  const response = await fetch(authServer, {
    method: 'POST', credentials: 'omit', cache: 'no-store', headers: { 'Content-Type': 'application/json' },
    // Servers of 2021 want the group, later ones its address.
    body: JSON.stringify({ location: address ?? new URL(location.pathname, location.href).href, group: name, ...typed }),
  });
  if (response.status === 204) return typed;
  const text = (await response.text()).trim();
  if (!response.ok) throw new JoinError(t('join.authServer', { status: `${response.status} ${response.statusText}`.trim() }));
  // Not every server names the type of what it gives.
  if (!COMPACT.test(text)) throw new JoinError(t('join.authBroken'));
  return { username: typed.username, password: '', token: text };
}
