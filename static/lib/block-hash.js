// A hash of a file that can be made while it passes by: browsers hash only what they have as a whole.

/** How much is hashed at a time, bytes. */
const BLOCK = 1 << 20;

/**
 * SHA-256 (FIPS 180-4) of the SHA-256 of every block of 1 MiB, one after the other; the last block
 * may be shorter, and an empty file has none.
 */
export class BlockHash {
  /** @type {Promise<ArrayBuffer>[]} */
  #blocks = [];
  #waiting = new Uint8Array(BLOCK);
  #filled = 0;

  /** @param {ArrayBuffer} data what comes next */
  add(data) {
    let rest = new Uint8Array(data);
    while (rest.length > 0) {
      const part = rest.subarray(0, BLOCK - this.#filled);
      this.#waiting.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
      if (this.#filled === BLOCK) this.#hashBlock();
    }
  }

  /** @returns {Promise<string>} the name of the method and the hash in hexadecimal; empty where the browser hashes nothing, on insecure origins */
  async finish() {
    if (!crypto.subtle) return '';
    if (this.#filled > 0) this.#hashBlock();
    const blocks = await Promise.all(this.#blocks);
    const all = new Uint8Array(32 * blocks.length);
    blocks.forEach((block, i) => all.set(new Uint8Array(block), 32 * i));
    const hash = await crypto.subtle.digest('SHA-256', all);
    return `sha256-1mib:${Array.from(new Uint8Array(hash), (b) => b.toString(16).padStart(2, '0')).join('')}`;
  }

  /** The browser copies what it hashes at once, so that the buffer can be used again. */
  #hashBlock() {
    if (crypto.subtle) this.#blocks.push(crypto.subtle.digest('SHA-256', this.#waiting.subarray(0, this.#filled)));
    this.#filled = 0;
  }
}
