// What the server tells without a login: the status of a group, and the list of public groups.

/** @typedef {import('./messages.js').Status} Status */

/** The server answered, but not with what was asked for. */
export class HttpError extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`the server answered ${status}`);
    this.name = 'HttpError';
    this.status = status;
  }
}

/**
 * @param {string} url
 * @returns {Promise<any>}
 */
async function fetchJSON(url) {
  const response = await fetch(url, { cache: 'no-store' });
  if (!response.ok) throw new HttpError(response.status);
  return response.json();
}

/**
 * @param {string} location address of the page of the group, with its trailing slash
 * @returns {Promise<Status>} rejected with HttpError, 404 for a group that does not exist
 */
export function fetchStatus(location) {
  return fetchJSON(new URL('.status', location).href);
}

/**
 * @param {string} url of the list
 * @returns {Promise<Status[]>}
 */
export function fetchPublicGroups(url) {
  return fetchJSON(url);
}
