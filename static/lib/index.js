// A client of the websocket protocol without a user interface.

export { groupAction, kick, sendChat, sendMessage, setData, userAction } from './actions.js';
export { ServerConnection } from './connection.js';
export { DownStream } from './downstream.js';
export { ClosedError, JoinError, RedirectError, TransferError } from './errors.js';
export { randomId } from './ids.js';
export { join, request, requestStream } from './join.js';
export { fetchPublicGroups, fetchStatus, HttpError } from './status.js';
export { audioEnergy, audioLevel, takeSample } from './stats.js';
export { FileTransfers } from './transfer.js';
export { UpStream, canDescribe } from './upstream.js';
