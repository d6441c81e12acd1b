// Whether a filter takes so long that a person had better do without.

/** How many pictures are looked at together; the first ones take longer, since everything is set up with them. */
const WINDOW = 40;
/** What a picture may take, ms: with more there would be less than eight a second, and nothing left for the rest of the call. */
const TOO_LONG = 120;

export class Slowness {
  #count = -WINDOW / 4;
  #total = 0;

  /**
   * @param {number} duration of one picture, ms
   * @returns {boolean} whether the last ones took too long on average
   */
  took(duration) {
    if (++this.#count <= 0) return false;
    this.#total += duration;
    if (this.#count < WINDOW) return false;
    const slow = this.#total / this.#count > TOO_LONG;
    this.#count = this.#total = 0;
    return slow;
  }
}
