// A websocket whose other end is the test.

/** Stands in for WebSocket. The instances made are in FakeSocket.made, the latest last. */
export class FakeSocket {
  /** @type {FakeSocket[]} */
  static made = [];

  /** @type {any[]} what the client sent, parsed */
  sent = [];
  readyState = 0;
  /** @type {number | undefined} the code that the client closed it with */
  closedWith;
  /** @type {(() => void) | null} */ onopen = null;
  /** @type {((e: {data: string}) => void) | null} */ onmessage = null;
  /** @type {((e: {code: number, reason: string, wasClean: boolean}) => void) | null} */ onclose = null;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
    FakeSocket.made.push(this);
  }

  /** @returns {FakeSocket} the latest one made */
  static latest() {
    const socket = FakeSocket.made.at(-1);
    if (!socket) throw new Error('no socket was made');
    return socket;
  }

  /** @param {string} data */
  send(data) {
    this.sent.push(JSON.parse(data));
  }

  /** @param {number} [code] */
  close(code) {
    this.readyState = 3;
    this.closedWith = code;
  }

  /** The server accepts, and shakes hands. @param {object} [resume] what it says of the seat */
  open(resume) {
    this.readyState = 1;
    this.onopen?.();
    this.receive({ type: 'handshake', version: ['2'], resume });
  }

  /** @param {object} message the server sends */
  receive(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The connection breaks, or the server closes it. @param {number} [code] */
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code, reason: '', wasClean: code === 1000 });
  }

  /**
   * What was sent of one type.
   * @param {string} type
   * @returns {any[]}
   */
  of(type) {
    return this.sent.filter((m) => m.type === type);
  }
}
