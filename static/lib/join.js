// Joining a group on an open connection.

import { ClosedError, JoinError, RedirectError } from './errors.js';

/** @typedef {import('./connection.js').ServerConnection} ServerConnection */
/** @typedef {import('./messages.js').Joined} Joined */

/**
 * @typedef {object} Credentials
 * @property {string} group
 * @property {string} [username] absent with a token that says who we are
 * @property {string} [password]
 * @property {string} [token] an invitation, or what an authorisation server gave; it stands for the password
 * @property {import('./messages.js').UserData} [data] our data from the start
 */

/** How often a server that has too many logins to check is asked again. */
const ATTEMPTS = 10;

/**
 * Joins, and resolves with the server's `joined`. Its listeners on the connection have been called
 * before the promise settles.
 * @param {ServerConnection} connection
 * @param {Credentials} credentials
 * @returns {Promise<Joined>} rejected with JoinError, RedirectError or ClosedError
 */
export function join(connection, { group, username, password, token, data }) {
  return new Promise((resolve, reject) => {
    let attempts = 0;
    const offJoined = connection.on('joined', (m) => {
      if (m.kind === 'change') return;
      if (m.kind === 'fail' && m.error === 'try-again' && ++attempts < ATTEMPTS) {
        // Who asks again on the same connection comes before those who do not.
        ask();
        return;
      }
      done();
      if (m.kind === 'join') resolve(m);
      else if (m.kind === 'redirect') reject(new RedirectError(String(m.value ?? '')));
      else reject(new JoinError(String(m.value ?? ''), m.error ?? ''));
    });
    const offClose = connection.on('close', (e) => {
      done();
      reject(new ClosedError(e.reason || undefined));
    });
    function done() {
      offJoined();
      offClose();
    }
    function ask() {
      connection.send({ type: 'join', kind: 'join', group, ...(username !== undefined && { username }), ...(token ? { token } : { password: password ?? '' }), ...(data && { data }) });
    }
    ask();
  });
}

/**
 * Says which tracks we want, by label of the stream; the key `''` is for all other labels.
 * @param {ServerConnection} connection
 * @param {Record<string, import('./messages.js').Wanted[]>} wanted
 */
export function request(connection, wanted) {
  connection.requested = { type: 'request', request: wanted };
  connection.send(connection.requested);
}

/**
 * Says which tracks of one stream we want.
 * @param {ServerConnection} connection
 * @param {string} id of the stream
 * @param {import('./messages.js').Wanted[] | null} wanted null for what request() says; with an empty list the stream ends
 */
export function requestStream(connection, id, wanted) {
  connection.send({ type: 'requestStream', id, request: wanted });
}
