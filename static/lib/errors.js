// The errors of the library.

/** The server refused a join. The connection is still open and the client may try again. */
export class JoinError extends Error {
  /**
   * @param {string} text what the server says, for people
   * @param {string} [code] its stable name, if it has one, such as `need-username`
   */
  constructor(text, code = '') {
    super(text);
    this.name = 'JoinError';
    this.code = code;
  }
}

/** The group lives on another server. */
export class RedirectError extends Error {
  /** @param {string} url where to go */
  constructor(url) {
    super(`the group lives at ${url}`);
    this.name = 'RedirectError';
    this.url = url;
  }
}

/** The connection ended before what was asked for was done. */
export class ClosedError extends Error {
  /** @param {string} [reason] */
  constructor(reason = 'the connection is closed') {
    super(reason);
    this.name = 'ClosedError';
  }
}

/**
 * Why a transfer ended: we gave it up, the other side did, or it left; there is no connection, or it broke; the file is not
 * what was sent, or cannot be read; or the other side is too different from us.
 * @typedef {'cancelled' | 'refused' | 'left' | 'connection' | 'damaged' | 'unreadable' | 'version'} TransferReason
 */

/** What `cancelled` comes with. */
export class TransferError extends Error {
  /**
   * @param {TransferReason} reason
   * @param {string} text for people who read English
   */
  constructor(reason, text) {
    super(text);
    this.name = 'TransferError';
    this.reason = reason;
  }
}

// Promises of a peer connection that is closed before they settle: they never do (WebRTC, section 4.4.1.2), in Firefox not even
// those of statistics. Whoever waits for one would wait for ever.

/** @type {WeakMap<RTCPeerConnection, Set<() => void>>} those who wait */
const waiting = new WeakMap();

/**
 * Waits for a promise of a peer connection for as long as that is open.
 * @template T
 * @param {RTCPeerConnection} pc of ours, which nobody but `closePeer` closes
 * @param {Promise<T>} promise
 * @returns {Promise<T>} rejected with ClosedError when it is closed first
 */
export function whileOpen(pc, promise) {
  return new Promise((resolve, reject) => {
    const ends = waiting.get(pc) ?? new Set();
    waiting.set(pc, ends);
    const end = () => reject(new ClosedError('the stream has ended'));
    ends.add(end);
    promise.then(resolve, reject).finally(() => ends.delete(end));
  });
}

/** @param {RTCPeerConnection} pc */
export function closePeer(pc) {
  pc.close();
  for (const end of waiting.get(pc) ?? []) end();
  waiting.delete(pc);
}
