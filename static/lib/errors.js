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
