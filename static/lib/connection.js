// One websocket to the server: handshake, liveness, and what lives as long as the socket does.

import { dispatch } from './dispatch.js';
import { Emitter } from './emitter.js';
import { ClosedError } from './errors.js';
import { randomId } from './ids.js';
import { PathWatch } from './path.js';
import { Resumption } from './resumption.js';

/** @typedef {import('./messages.js').ClientMessage} ClientMessage */
/** @typedef {import('./messages.js').Handshake} Handshake */
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
/** The server may take so long, ms, to notice that we are away: the seat is kept from then on. */
const NOTICED_WITHIN = 45_000;
/** How long one attempt to come back to the seat may take, ms. */
const RESUME_TIMEOUT = 5000;
/** Waiting times before such attempts, ms; the last one repeats. */
const RESUME_DELAYS = [0, 250, 500, 1000, 2000];
/** An attempt that is younger than this is not given up for another one, ms. */
const YOUNG = 500;
/** Closes a socket but not the seat: only what stands in WANTED gives that up. */
const CLOSE_SOCKET = 4000;
/** Close codes that mean somebody wanted the end: normal closure, going away, none given. */
const WANTED = [1000, 1001, 1005];

/**
 * @typedef {{
 *   close: {code: number, reason: string, wasClean: boolean},
 *   suspended: null,
 *   resumed: null,
 *   joined: Joined,
 *   user: import('./messages.js').UserMessage,
 *   chat: import('./messages.js').Chat,
 *   usermessage: import('./messages.js').Notice,
 *   downstream: DownStream,
 *   error: Error,
 * }} ConnectionEvents
 */

/**
 * A connection. Its client id is new for every instance.
 *
 * A server that knows how to keeps our seat for a while when the socket is lost: the connection is
 * then suspended, comes back to the seat by itself, and is resumed; streams go on meanwhile, and
 * what is sent is sent later. Otherwise a lost connection is never reopened, another one is made.
 *
 * Events: `close` once, at the end; `suspended` and `resumed` when the socket is lost and replaced;
 * `joined` for every message of that type; `user`, `chat` (history included) and `usermessage` as
 * they come; `downstream` for every new stream of somebody else; `error` for what went wrong
 * without ending the connection.
 * @extends {Emitter<ConnectionEvents>}
 */
export class ServerConnection extends Emitter {
  /** Our id among the members of the group. */
  id = randomId();
  /** The name we were given at the join. */
  username = '';
  /** The group we are in, empty before the join. */
  group = '';
  /** What was last asked for of all streams. @type {import('./messages.js').ClientMessage | null} */
  requested = null;
  /** @type {RTCConfiguration} what new peer connections are made with */
  rtcConfiguration = {};
  /** @type {Map<string, UpStream>} our streams by id */
  up = new Map();
  /** @type {Map<string, DownStream>} the streams of others by id */
  down = new Map();
  /** The server says which encodings of our streams anybody has use for, and the streams leave out the others. */
  tellsEncodings = false;
  /** @type {object | undefined} what the handshake says about join(), which asks again by itself when there are too many logins */
  tryAgain = {};
  /** Which build the server is; empty for one that does not say so. */
  serverVersion = '';
  /** How long the latest handshake took, ms. */
  roundTrip = 0;

  #url = '';
  /** @type {WebSocket | null} */
  #socket = null;
  #lastReceived = 0;
  #opened = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {((error?: Error) => void) | null} settles connect() */
  #handshaken = null;
  /** @type {Resumption | null} null with a server that keeps no seats */
  #resumption = null;
  /** @type {{since: number, attempt: number, begun: number, timer: ReturnType<typeof setTimeout> | undefined} | null} */
  #away = null;
  /** @type {PathWatch | null} with a server that keeps our seat */
  #path = null;
  /** @type {Set<() => void>} called when the server says anything */
  #listening = new Set();

  /**
   * Opens the socket and shakes hands.
   * @param {string} url of the websocket
   * @returns {Promise<void>} rejected with ClosedError if the server does not answer
   */
  connect(url) {
    return new Promise((resolve, reject) => {
      this.#url = url;
      const timeout = setTimeout(() => this.#end(1006, 'timeout', false), HANDSHAKE_TIMEOUT);
      this.#handshaken = (error) => {
        clearTimeout(timeout);
        this.#handshaken = null;
        if (error) reject(error);
        else resolve();
      };
      this.#open({});
    });
  }

  /** The socket is lost, and we are trying to come back to our seat. */
  get suspended() {
    return this.#away !== null;
  }

  /** @param {import('./messages.js').Resume} resume */
  #open(resume) {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#opened = Date.now();
      const handshake = { type: 'handshake', version: ['2'], id: this.id, resume, encodings: { bitrate: true }, tryAgain: this.tryAgain, server: {} };
      socket.send(JSON.stringify(handshake));
    };
    socket.onmessage = (e) => this.#receive(e.data);
    socket.onclose = (e) => this.#lost(e.code, e.reason, e.wasClean);
  }

  /**
   * Sends a message, or keeps it until the connection is resumed. Nothing happens when it has
   * ended, which is reported by `close`.
   * @param {ClientMessage} message
   */
  send(message) {
    if (!this.#away && this.#socket?.readyState !== 1) return;
    const text = JSON.stringify(message);
    this.#resumption?.keep(message.type, text);
    if (!this.#away) this.#socket?.send(text);
    else if (this.#resumption?.overflowed) this.#end(1006, 'too much was said meanwhile', false);
  }

  /**
   * Asks the server whether it still hears us.
   * @param {number} patience ms
   * @returns {Promise<boolean>} whether it has said anything within that time
   */
  ask(patience) {
    if (this.#away || this.#handshaken) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (/** @type {boolean} */ heard) => {
        clearTimeout(timer);
        this.#listening.delete(heardSomething);
        resolve(heard);
      };
      const heardSomething = () => done(true);
      const timer = setTimeout(() => done(false), patience);
      this.#listening.add(heardSomething);
      this.send({ type: 'ping' });
    });
  }

  /** Gives up a socket that leads nowhere, and comes back to our seat over another one; without a seat nothing happens. */
  comeBack() {
    if (this.#resumption && !this.#away && !this.#handshaken) this.#lost(1006, 'no answer', false);
  }

  /** There is a reason to believe that coming back succeeds now: does not wait any longer for that. */
  hurry() {
    if (!this.#away || Date.now() - this.#away.begun < YOUNG) return;
    this.#dropSocket(CLOSE_SOCKET);
    this.#away.attempt = 0;
    this.#scheduleResume();
  }

  /** @param {number} count how many of our messages the server has */
  acknowledged(count) {
    this.#resumption?.acknowledged(count);
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
    for (const heard of this.#listening) heard();
    const text = String(data);
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      this.#end(1002, 'the server sent something that is not JSON', false);
      return;
    }
    if (this.#handshaken || this.#away) {
      this.#shakeHands(message);
      return;
    }
    const due = this.#resumption?.count(message?.type, text.length);
    dispatch(this, message);
    if (due) this.#acknowledge();
  }

  /** @param {Handshake} message the first of a socket */
  #shakeHands(message) {
    if (message?.type !== 'handshake' || !message.version?.includes('2')) {
      this.#end(1002, 'the server speaks another protocol', false);
      return;
    }
    const resume = message.resume;
    this.tellsEncodings = message.encodings !== undefined;
    this.roundTrip = Date.now() - this.#opened;
    if (this.#away) {
      if (!resume?.resumed || !this.#resumption) {
        this.#end(1006, 'the seat is gone', false);
        return;
      }
      clearTimeout(this.#away.timer);
      this.#away = null;
      for (const text of this.#resumption.resumed(resume)) this.#socket?.send(text);
    } else if (resume?.secret) {
      this.#resumption = new Resumption(resume);
      this.#path = new PathWatch(this);
      this.#path.start();
    }
    this.#timer = setInterval(() => this.#checkLiveness(), CHECK_PERIOD);
    if (this.#handshaken) this.#handshaken();
    else this.emit('resumed', null);
  }

  #acknowledge() {
    const ack = this.#resumption?.acknowledge();
    if (ack) this.send(ack);
  }

  #checkLiveness() {
    const silence = Date.now() - this.#lastReceived;
    this.#acknowledge();
    if (silence > DEAD_AFTER) this.#lost(1006, 'timeout', false);
    else if (silence >= PING_AFTER) this.send({ type: 'ping' });
  }

  /**
   * The socket is gone: comes back to the seat if there is one, else it is the end.
   * @param {number} code
   * @param {string} reason
   * @param {boolean} wasClean
   */
  #lost(code, reason, wasClean) {
    if (!this.#resumption || this.#handshaken || WANTED.includes(code) || this.#resumption.overflowed) {
      this.#end(code, reason, wasClean);
      return;
    }
    this.#dropSocket(CLOSE_SOCKET);
    const first = this.#away === null;
    this.#away ??= { since: Date.now(), attempt: 0, begun: 0, timer: undefined };
    if (first) this.emit('suspended', null);
    this.#scheduleResume();
  }

  #scheduleResume() {
    const away = this.#away;
    if (!away || !this.#resumption) return;
    const delay = RESUME_DELAYS[Math.min(away.attempt++, RESUME_DELAYS.length - 1)] ?? 0;
    if (Date.now() + delay - away.since > this.#resumption.grace + NOTICED_WITHIN) {
      this.#end(1006, 'the connection is lost', false);
      return;
    }
    away.timer = setTimeout(() => {
      away.begun = Date.now();
      away.timer = setTimeout(() => this.#lost(1006, 'timeout', false), RESUME_TIMEOUT);
      if (this.#resumption) this.#open(this.#resumption.request());
    }, delay);
  }

  /**
   * Closes the socket, if there is one, and hears no more of it.
   * @param {number} code
   */
  #dropSocket(code) {
    const socket = this.#socket;
    this.#socket = null;
    clearInterval(this.#timer);
    clearTimeout(this.#away?.timer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (socket.readyState <= 1) socket.close(code);
  }

  /**
   * @param {number} code
   * @param {string} reason
   * @param {boolean} wasClean
   */
  #end(code, reason, wasClean) {
    if (!this.#socket && !this.#away) return;
    this.#dropSocket(1000);
    this.#away = null;
    this.#path?.stop();
    for (const stream of [...this.up.values()]) stream.dispose('lost');
    this.#handshaken?.(new ClosedError(reason || undefined));
    this.emit('close', { code, reason, wasClean });
  }
}
