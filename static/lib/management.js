// The administrative interface of the server, for pages that administer it. It stands alone, so that
// it can be had as a classic script too: /management.js. Credentials are those that the browser has,
// where a function does not take a password.
//
// What is read comes together with its entity tag; whoever hands that in when changing it is refused
// (status 412) if somebody else has changed it meanwhile.

/**
 * @template T
 * @typedef {{etag: string, data: T}} Tagged
 */

/** The beginning of all addresses, with a slash at the end. */
let managementBase = '/galene-api/v0/';

/**
 * Says where the interface is, for pages that are not at the root of its host.
 * @param {string} url address of .../galene-api/v0/
 */
export function setManagementBase(url) {
  managementBase = url;
}

/** What is shown to the server, empty for what the browser has. */
let managementAuthorization = '';

/**
 * Says who we are, for all that follows; without this the browser asks the person.
 * @param {string} name of an administrator, empty to forget the last one
 * @param {string} password
 */
export function setManagementCredentials(name, password) {
  managementAuthorization = name ? basicCredentials(name, password) : '';
}

/** The interface has refused. */
export class ManagementError extends Error {
  /**
   * @param {number} status of HTTP
   * @param {string} text what the server says, for people
   */
  constructor(status, text) {
    super(text || `the server answered ${status}`);
    this.name = 'ManagementError';
    this.status = status;
  }
}

/**
 * @param {string} name of a group or user, which may hold slashes
 * @returns {string} as it stands in an address
 */
function managementPath(name) {
  return name.split('/').map(encodeURIComponent).join('/');
}

/** @param {string} group */
function groupPath(group) {
  return group === '' ? '.groups' : `.groups/${managementPath(group)}`;
}

/**
 * @param {string} group
 * @param {string | null} user null for the wildcard user, empty for the one without a name
 */
function userPath(group, user) {
  if (user === null) return `${groupPath(group)}/.wildcard-user`;
  return user === '' ? `${groupPath(group)}/.empty-user` : `${groupPath(group)}/.users/${managementPath(user)}`;
}

/**
 * @param {string} name
 * @param {string} password
 * @returns {string} the header Authorization of RFC 7617, in UTF-8
 */
function basicCredentials(name, password) {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))}`;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{headers?: Record<string, string>, body?: string, credentials?: RequestCredentials}} [options]
 * @returns {Promise<Response>}
 */
async function manage(method, path, { headers = {}, ...options } = {}) {
  /** @type {Record<string, string>} */
  const known = managementAuthorization ? { Authorization: managementAuthorization } : {};
  // Otherwise the browser would ask for other credentials when these are refused.
  const asked = managementAuthorization ? { credentials: /** @type {const} */ ('omit') } : {};
  const response = await fetch(managementBase + path, { method, cache: 'no-store', ...asked, ...options, headers: { Accept: 'application/json', ...known, ...headers } });
  if (response.ok || response.status === 304) return response;
  let text = '';
  try {
    text = (await response.json()).error;
  } catch {
    // Whatever stands between the server and us may answer in its own way.
  }
  throw new ManagementError(response.status, text);
}

/**
 * @param {string} path
 * @param {string} [etag]
 * @returns {Promise<Tagged<any> | null>} null if it is what the tag stands for
 */
async function getObject(path, etag) {
  const response = await manage('GET', path, { headers: etag ? { 'If-None-Match': etag } : {} });
  if (response.status === 304) return null;
  return { etag: response.headers.get('ETag') ?? '', data: await response.json() };
}

/**
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function listObjects(path) {
  return (await manage('GET', path)).json();
}

/**
 * @param {string} path
 * @param {object} values
 */
async function createObject(path, values) {
  await manage('PUT', path, { headers: { 'Content-Type': 'application/json', 'If-None-Match': '*' }, body: JSON.stringify(values) });
}

/**
 * @param {string} path
 * @param {object} values
 * @param {string} [etag]
 */
async function updateObject(path, values, etag) {
  await manage('PUT', path, { headers: { 'Content-Type': 'application/json', 'If-Match': etag || '*' }, body: JSON.stringify(values) });
}

/**
 * @param {string} path
 * @param {string} [etag]
 */
async function deleteObject(path, etag) {
  await manage('DELETE', path, { headers: etag ? { 'If-Match': etag } : {} });
}

/** The names of all groups. */
export function listGroups() {
  return listObjects('.groups/');
}

/**
 * The settings of a group.
 * @param {string} group
 * @param {string} [etag] of what is known already
 */
export function getGroup(group, etag) {
  return getObject(groupPath(group), etag);
}

/**
 * @param {string} group
 * @param {object} [values] its settings
 */
export function createGroup(group, values = {}) {
  return createObject(groupPath(group), values);
}

/**
 * Replaces the settings of a group as a whole.
 * @param {string} group
 * @param {object} values
 * @param {string} [etag]
 */
export function updateGroup(group, values, etag) {
  return updateObject(groupPath(group), values, etag);
}

/**
 * @param {string} group
 * @param {string} [etag]
 */
export function deleteGroup(group, etag) {
  return deleteObject(groupPath(group), etag);
}

/**
 * The names of the users of a group that have an entry.
 * @param {string} group
 */
export function listUsers(group) {
  return listObjects(`${groupPath(group)}/.users/`);
}

/**
 * The permissions of a user; null stands for everybody without an entry, here and below.
 * @param {string} group
 * @param {string | null} user
 * @param {string} [etag]
 */
export function getUser(group, user, etag) {
  return getObject(userPath(group, user), etag);
}

/**
 * @param {string} group
 * @param {string | null} user
 * @param {{permissions?: string | string[]}} values
 */
export function createUser(group, user, values) {
  return createObject(userPath(group, user), values);
}

/**
 * @param {string} group
 * @param {string | null} user
 * @param {{permissions?: string | string[]}} values
 * @param {string} [etag]
 */
export function updateUser(group, user, values, etag) {
  return updateObject(userPath(group, user), values, etag);
}

/**
 * @param {string} group
 * @param {string | null} user
 * @param {string} [etag]
 */
export function deleteUser(group, user, etag) {
  return deleteObject(userPath(group, user), etag);
}

/**
 * Sets a password, which the server hashes. With the old one it is the user himself who sets it, and no
 * other credentials are used.
 * @param {string} group
 * @param {string | null} user
 * @param {boolean} wildcard whether it is that of everybody without an entry, whatever the user
 * @param {string} password
 * @param {string} [oldPassword]
 */
export async function setPassword(group, user, wildcard, password, oldPassword) {
  const own = oldPassword !== undefined;
  await manage('POST', `${userPath(group, wildcard ? null : user)}/.password`, {
    headers: { 'Content-Type': 'text/plain', ...(own ? { Authorization: basicCredentials(user ?? '', oldPassword) } : {}) },
    body: password,
    ...(own ? { credentials: 'omit' } : {}),
  });
}

/**
 * The names of the tokens of a group, those first that expire soonest; the empty group stands for all.
 * @param {string} group
 */
export function listTokens(group) {
  return listObjects(`${groupPath(group)}/.tokens/`);
}

/**
 * @param {string} group
 * @param {string} token
 * @param {string} [etag]
 */
export function getToken(group, token, etag) {
  return getObject(`${groupPath(group)}/.tokens/${encodeURIComponent(token)}`, etag);
}

/**
 * @param {string} group
 * @param {object} template what the token is to say; it must have the member expires
 * @returns {Promise<string>} its name, which is the secret
 */
export async function createToken(group, template) {
  const response = await manage('POST', `${groupPath(group)}/.tokens/`, {
    headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(template),
  });
  const location = response.headers.get('Location');
  if (!location) throw new ManagementError(response.status, 'the server did not name the token');
  return decodeURIComponent(location.slice(location.lastIndexOf('/') + 1));
}

/**
 * Replaces a token as a whole.
 * @param {string} group
 * @param {string} token
 * @param {object} values
 * @param {string} [etag]
 */
export function updateToken(group, token, values, etag) {
  return updateObject(`${groupPath(group)}/.tokens/${encodeURIComponent(token)}`, values, etag);
}

/**
 * @param {string} group
 * @param {string} token
 * @param {string} [etag]
 */
export function deleteToken(group, token, etag) {
  return deleteObject(`${groupPath(group)}/.tokens/${encodeURIComponent(token)}`, etag);
}

/**
 * What goes on in the groups: an entry for each that somebody is in.
 * @returns {Promise<{name: string, displayName?: string, clients?: unknown[]}[]>}
 */
export async function getStatistics() {
  return (await manage('GET', '.stats')).json();
}
