// What a connection needs so that its seat outlives the socket: both sides number their messages,
// acknowledge them, and send again what the other has missed. docs/protocol.md describes it.

/** Types that are about the socket alone: they are neither numbered nor sent again. */
const UNNUMBERED = new Set(['handshake', 'ping', 'pong', 'ack']);
/** How many messages are taken before the server is told so. */
const ACK_EVERY = 32;
/** The same in characters, since messages differ in size. */
const ACK_EVERY_CHARACTERS = 256 << 10;
/** How many messages, and characters, are kept for sending again. */
const MAX_KEPT = 1000;
const MAX_KEPT_CHARACTERS = 4 << 20;

/** @typedef {import('./messages.js').Resume} Resume */

/** The state of one seat. */
export class Resumption {
  /** How long the server keeps the seat, ms. */
  grace;
  /** More was sent than is kept: what comes after that cannot be sent again. */
  overflowed = false;

  #secret;
  #received = 0;
  #acknowledged = 0;
  #characters = 0;
  /** @type {string[]} messages that the server has not acknowledged */
  #kept = [];
  #keptCharacters = 0;
  /** Number of messages before the kept ones. */
  #forgotten = 0;

  /** @param {Resume} resume what the server's handshake says */
  constructor(resume) {
    this.#secret = resume.secret ?? '';
    this.grace = (resume.grace ?? 0) * 1000;
  }

  /** @returns {Resume} for the handshake of the next socket */
  request() {
    return { secret: this.#secret, received: this.#received };
  }

  /**
   * The seat is ours again.
   * @param {Resume} resume what the server's handshake says
   * @returns {string[]} what to send again, in order
   */
  resumed(resume) {
    this.#secret = resume.secret ?? '';
    this.#acknowledged = this.#received;
    this.acknowledged(resume.received ?? 0);
    return [...this.#kept];
  }

  /**
   * Keeps a message that is being sent.
   * @param {string} type
   * @param {string} text
   */
  keep(type, text) {
    if (UNNUMBERED.has(type)) return;
    this.#kept.push(text);
    this.#keptCharacters += text.length;
    while (this.#kept.length > MAX_KEPT || this.#keptCharacters > MAX_KEPT_CHARACTERS) {
      this.overflowed = true;
      this.#forget();
    }
  }

  /** @param {number} count how many of our messages the server has */
  acknowledged(count) {
    while (this.#forgotten < count && this.#kept.length > 0) this.#forget();
    if (count >= this.#forgotten) this.overflowed = false;
  }

  #forget() {
    this.#keptCharacters -= this.#kept.shift()?.length ?? 0;
    this.#forgotten++;
  }

  /**
   * Counts a message of the server's.
   * @param {string} type
   * @param {number} characters
   * @returns {boolean} whether it is time to acknowledge
   */
  count(type, characters) {
    if (UNNUMBERED.has(type)) return false;
    this.#received++;
    this.#characters += characters;
    return this.#received - this.#acknowledged >= ACK_EVERY || this.#characters >= ACK_EVERY_CHARACTERS;
  }

  /** @returns {import('./messages.js').Ack | null} what to tell the server, null if it knows */
  acknowledge() {
    if (this.#received === this.#acknowledged) return null;
    this.#acknowledged = this.#received;
    this.#characters = 0;
    return { type: 'ack', received: this.#received };
  }
}
