// What silence means: decisions about the path to the server, from what is seen to arrive.

/** Silence of everything that is received after which the server is asked whether it still hears us, ms. */
export const DOUBT_AFTER = 600;
/** An answer says that no other will be asked for sooner than this, unless something arrives, ms. */
export const ASK_AGAIN_AFTER = 5000;
/** Silence that counts between two looks, ms: a page that was held up heard nothing because it did not listen. */
const LONGEST_STEP = 400;
/** What belongs to the last of what was heard, ms: streams that arrived so shortly before it were playing. */
const TOGETHER = 3000;

/** Notices that everything is silent, and that it is no longer. */
export class Silence {
  /** When something arrived for the last time, ms. */
  heard = 0;
  /** For how long nothing has arrived, ms. */
  length = 0;
  #looked = 0;
  #quietUntil = 0;

  /** @param {number} now ms */
  constructor(now) {
    this.heard = this.#looked = now;
  }

  /**
   * @param {number} now ms
   * @param {boolean} arrived whether anything has arrived since the last look
   * @returns {'doubt' | 'returned' | ''} doubt: ask the server; returned: something arrives after a silence
   */
  look(now, arrived) {
    const step = Math.min(now - this.#looked, LONGEST_STEP);
    this.#looked = now;
    if (arrived) {
      const returned = this.length >= DOUBT_AFTER;
      this.heard = now;
      this.length = 0;
      this.#quietUntil = 0;
      return returned ? 'returned' : '';
    }
    this.length += step;
    if (this.length < DOUBT_AFTER || now < this.#quietUntil) return '';
    this.#quietUntil = now + ASK_AGAIN_AFTER;
    return 'doubt';
  }
}

/**
 * @typedef {object} Traffic of one peer connection so far
 * @property {number} received bytes
 * @property {number} sent packets of media
 */

/**
 * Whether a connection's path is dead: nothing comes although something should. The server reports twice a second on what it
 * sends, and a few times on what it gets.
 * @param {Traffic} before
 * @param {Traffic} after
 * @param {boolean} playing it brought media when something was heard last
 */
export function isDead(before, after, playing) {
  return after.received <= before.received && (playing || after.sent > before.sent);
}

/**
 * @param {number | undefined} arrival when the stream brought media for the last time, ms
 * @param {number} heard when anything did
 */
export function wasPlaying(arrival, heard) {
  return arrival !== undefined && arrival >= heard - TOGETHER;
}
