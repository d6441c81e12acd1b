// The protocol library under the names that front ends of Galene have known for long. New code uses
// lib/index.js; /protocol.js is this module as a classic script.

export { ServerConnection } from './classic-connection.js';
export { Stream } from './classic-stream.js';
export { TransferredFile } from './transfer.js';
