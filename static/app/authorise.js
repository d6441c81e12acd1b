// How we prove who we are: by an invitation in the address of the page, by a token of the group's authorisation server, or
// by the password itself. And what the form has to ask for accordingly.

import { entry, joinProblem, loggedIn } from './store.js';
import { JoinError } from '../lib/index.js';
import { lastName } from './settings.js';
import { problemOf } from './join-problems.js';
import { t } from './i18n.js';

/** @typedef {import('../lib/messages.js').Status} Status */
/** @typedef {{username?: string, password?: string, token?: string}} Proof */

/** A token in the compact form of RFC 7515. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** Refusals that another name mends. */
const ABOUT_NAMES = ['need-username', 'duplicate-username'];

/** The token that the address of the page brought, empty if there was none or if it did not open the group. In memory only. */
let invitation = '';

/** @param {URLSearchParams} query what a link or a portal says: `token` and `username` */
export function takeInvitation(query) {
  invitation = query.get('token') ?? '';
  entry.value = { needs: 'password', proposed: query.get('username') ?? lastName() };
}

/** @returns {boolean} whether there is a token that has not been refused */
export function isInvited() {
  return invitation !== '';
}

/**
 * Tries the token without a name, to know what the form has to ask for. The real join is made by the
 * button: browsers play sound only after a click.
 * @param {(proof: Proof) => Promise<string>} tryToJoin gives the name that we had in the room
 * @returns {Promise<void>} rejected if the server cannot be reached
 */
export async function probe(tryToJoin) {
  try {
    const name = await tryToJoin({ token: invitation });
    // A token may leave the name open, and the room may let the nameless in.
    entry.value = name ? { needs: 'nothing', proposed: name } : { ...entry.value, needs: 'name' };
  } catch (e) {
    if (!(e instanceof JoinError)) throw e;
    if (e.code === 'need-username') entry.value = { ...entry.value, needs: 'name' };
    else refuse(e, { room: '', username: '' });
  }
}

/**
 * Says why we could not come in, and asks for what may mend it: a token is good for another name, but
 * not any more when it was itself refused.
 * @param {JoinError} e
 * @param {{room: string, username: string}} context
 */
export function refuse(e, context) {
  const byToken = isInvited() && e.message === 'not authorised';
  joinProblem.value = problemOf({ text: byToken ? 'invitation refused' : e.message, code: e.code }, context);
  if (byToken) {
    invitation = '';
    entry.value = { ...entry.value, needs: 'password' };
  } else if (isInvited() && ABOUT_NAMES.includes(e.code)) {
    entry.value = { ...entry.value, needs: 'name' };
  }
}

/**
 * @param {Status} status of the group
 * @param {Proof} typed
 * @returns {Proof | Promise<Proof>} rejected with JoinError if the authorisation server refuses
 */
export function prove(status, typed) {
  loggedIn.value = { withPassword: !isInvited() };
  if (isInvited()) return { ...(typed.username !== undefined && { username: typed.username }), token: invitation };
  return status.authServer ? ask(status.authServer, status, typed) : typed;
}

/**
 * @param {string} authServer
 * @param {Status} status of the group
 * @param {Proof} typed
 * @returns {Promise<Proof>}
 */
async function ask(authServer, { name, location: address }, { username = '', password = '' }) {
  const response = await fetch(authServer, {
    method: 'POST', credentials: 'omit', cache: 'no-store', headers: { 'Content-Type': 'application/json' },
    // Servers of 2021 want the group, later ones its address.
    body: JSON.stringify({ location: address ?? new URL(location.pathname, location.href).href, group: name, username, password }),
  }).catch(() => { throw new JoinError(t('join.authUnreachable')); });
  if (response.status === 204) return { username, password };
  const text = (await response.text()).trim();
  if (!response.ok) throw new JoinError(t('join.authServer', { status: `${response.status} ${response.statusText}`.trim() }));
  // Not every server names the type of what it gives.
  if (!COMPACT.test(text)) throw new JoinError(t('join.authBroken'));
  loggedIn.value = { withPassword: false };
  return { username, token: text };
}
