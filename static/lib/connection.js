// One websocket to the server: handshake, liveness, and what lives as long as the socket does.

import { dispatch } from './dispatch.js';
import { Emitter } from './emitter.js';
import { ClosedError } from './errors.js';
import { randomId } from './ids.js';

/** @typedef {import('./messages.js').ClientMessage} ClientMessage */
/** @typedef {import('./messages.js').Joined} Joined */
/** @typedef {import('./upstream.js').UpStream} UpStream */
/** @typedef {import('./downstream.js').DownStream} DownStream */

/** How long the server may take to shake hands, ms. */
const HANDSHAKE_TIMEOUT = 10_000;
/** How often the silence of the server is measured, ms. */
const CHECK_PERIOD = 10_000;
/** Silence after which the server is asked whether it lives, ms. */
const PING_AFTER = 15_000;
/** Silence after which it is taken for dead, ms. */
const DEAD_AFTER = 65_000;

/**
 * @typedef {{
 *   close: {code: number, reason: string, wasClean: boolean},
 *   joined: Joined,
 *   user: import('./messages.js').UserMessage,
 *   chat: import('./messages.js').Chat,
 *   usermessage: import('./messages.js').Notice,
 *   downstream: DownStream,
 *   error: Error,
 * }} ConnectionEvents
 */

/**
 * A connection. Its client id is new for every instance: a lost connection is never reopened,
 * another one is made.
 *
 * Events: `close` once, at the end of the socket; `joined` for every message of that type;
 * `user`, `chat` (history included) and `usermessage` as they come; `downstream` for every new
 * stream of somebody else; `error` for what went wrong without ending the connection.
 * @extends {Emitter<ConnectionEvents>}
 */
export class ServerConnection extends Emitter {
  /** Our id among the members of the group. */
  id = randomId();
  /** The name we were given at the join. */
  username = '';
  /** The group we are in, empty before the join. */
  group = '';
  /** @type {RTCConfiguration} what new peer connections are made with */
  rtcConfiguration = {};
  /** @type {Map<string, UpStream>} our streams by id */
  up = new Map();
  /** @type {Map<string, DownStream>} the streams of others by id */
  down = new Map();

  /** @type {WebSocket | null} */
  #socket = null;
  #lastReceived = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {((error?: Error) => void) | null} settles connect() */
  #handshaken = null;

  /**
   * Opens the socket and shakes hands.
   * @param {string} url of the websocket
   * @returns {Promise<void>} rejected with ClosedError if the server does not answer
   */
  connect(url) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      this.#socket = socket;
      const timeout = setTimeout(() => this.#end(1006, 'timeout', false), HANDSHAKE_TIMEOUT);
      this.#handshaken = (error) => {
        clearTimeout(timeout);
        this.#handshaken = null;
        if (error) reject(error);
        else resolve();
      };
      socket.onopen = () => this.send({ type: 'handshake', version: ['2'], id: this.id });
      socket.onmessage = (e) => this.#receive(e.data);
      socket.onclose = (e) => this.#end(e.code, e.reason, e.wasClean);
    });
  }

  /**
   * Sends a message. Nothing happens when the socket is not open: its end is reported by `close`.
   * @param {ClientMessage} message
   */
  send(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  /**
   * Ends the connection and every stream; `close` follows at once. After a connection was lost this
   * takes away what is left of it: the streams of the others, whose last pictures stay until then.
   */
  close() {
    this.#end(1000, '', true);
    for (const stream of [...this.down.values()]) stream.dispose();
  }

  /** @param {unknown} data one frame */
  #receive(data) {
    this.#lastReceived = Date.now();
    let message;
    try {
      message = JSON.parse(String(data));
    } catch {
      this.#end(1002, 'the server sent something that is not JSON', false);
      return;
    }
    if (this.#handshaken) {
      if (message?.type !== 'handshake' || !message.version?.includes('2')) {
        this.#end(1002, 'the server speaks another protocol', false);
        return;
      }
      this.#timer = setInterval(() => this.#checkLiveness(), CHECK_PERIOD);
      this.#handshaken();
      return;
    }
    dispatch(this, message);
  }

  #checkLiveness() {
    const silence = Date.now() - this.#lastReceived;
    if (silence > DEAD_AFTER) this.#end(1006, 'timeout', false);
    else if (silence >= PING_AFTER) this.send({ type: 'ping' });
  }

  /**
   * @param {number} code
   * @param {string} reason
   * @param {boolean} wasClean
   */
  #end(code, reason, wasClean) {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    clearInterval(this.#timer);
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (socket.readyState <= 1) socket.close(1000);
    for (const stream of [...this.up.values()]) stream.dispose('lost');
    this.#handshaken?.(new ClosedError(reason || undefined));
    this.emit('close', { code, reason, wasClean });
  }
}
