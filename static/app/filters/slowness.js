// Whether a filter takes so long that a person had better do without, and how much rest it leaves until they do.

/** How many pictures are looked at together; the first ones take longer, since everything is set up with them. */
const WINDOW = 40;
/** What a picture may take, ms: with more there would be less than eight a second, and nothing left for the rest of the call. */
const TOO_LONG = 120;

export class Slowness {
  #count = -WINDOW / 4;
  #total = 0;
  /** Until when the next picture is left out, ms. */
  #rest = 0;
  #slow = false;

  /**
   * @param {number} duration of one picture, ms
   * @param {number} [now] when it was done, ms
   * @returns {boolean} whether the last ones took too long on average
   */
  took(duration, now = 0) {
    // Half of the time is for the rest of the call.
    this.#rest = this.#slow ? now + duration : 0;
    if (++this.#count <= 0) return false;
    this.#total += duration;
    if (this.#count < WINDOW) return false;
    this.#slow = this.#total / this.#count > TOO_LONG;
    this.#count = this.#total = 0;
    return this.#slow;
  }

  /**
   * @param {number} now ms
   * @returns {boolean} whether a picture that comes now is left out
   */
  rests(now) {
    return now < this.#rest;
  }
}
