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
