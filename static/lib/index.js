// A client of the websocket protocol without a user interface.

export { kick, sendChat, setData } from './actions.js';
export { ServerConnection } from './connection.js';
export { DownStream } from './downstream.js';
export { ClosedError, JoinError, RedirectError } from './errors.js';
export { randomId } from './ids.js';
export { join, request } from './join.js';
export { fetchPublicGroups, fetchStatus, HttpError } from './status.js';
export { audioLevel } from './stats.js';
export { UpStream } from './upstream.js';
