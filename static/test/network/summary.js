// What came of a call over a bad line, from samples of what a page has received.

/**
 * @typedef {object} Sample of all tracks together, since the beginning
 * @property {number} at when it was taken, s
 * @property {number} frames pictures decoded
 * @property {number} freezes
 * @property {number} frozen how long all freezes were, s
 * @property {number} samples of sound, and how many of them the browser made up:
 * @property {number} concealed
 * @property {number} width of the largest picture, pixels
 * @property {number} bytes
 */

/**
 * @typedef {object} Received
 * @property {number} at when it was asked, s
 * @property {(Omit<Sample, 'at'> | null)[]} connections by each that the page has made, in order; null if it is closed
 */

/**
 * Adds up what the connections of a page have received. Of one that is closed it counts what was known last.
 * @returns {(received: Received) => Sample}
 */
export function sampler() {
  /** @type {Map<number, Omit<Sample, 'at'>>} */
  const known = new Map();
  return ({ at, connections }) => {
    const sum = { at, frames: 0, freezes: 0, frozen: 0, samples: 0, concealed: 0, width: 0, bytes: 0 };
    for (const [i, open] of connections.entries()) {
      if (open) known.set(i, open);
      sum.width = Math.max(sum.width, open?.width ?? 0);
    }
    for (const c of known.values()) {
      sum.frames += c.frames;
      sum.freezes += c.freezes;
      sum.frozen += c.frozen;
      sum.samples += c.samples;
      sum.concealed += c.concealed;
      sum.bytes += c.bytes;
    }
    return sum;
  };
}

/**
 * @param {Sample[]} samples two at least
 * @returns {{rate: number, freezes: number, frozen: number, longest: number, still: number, concealed: number, bitrate: number, rates: number[]}}
 *   rate: pictures a second, in all and in rates between samples; frozen, the longest freeze, and for how long no picture came, s; concealed: the fraction; bitrate in bit/s
 */
export function summary(samples) {
  const total = difference(/** @type {Sample} */ (samples[0]), /** @type {Sample} */ (samples.at(-1)));
  let waited = 0;
  let still = 0;
  let longest = 0;
  const steps = between(samples);
  for (const step of steps) {
    waited = step.frames === 0 ? waited + step.at : 0;
    still = Math.max(still, waited);
    // Two that end between two samples count as half of their sum each.
    longest = Math.max(longest, step.frozen / Math.max(1, step.freezes));
  }
  return {
    rate: total.frames / total.at, freezes: total.freezes, frozen: total.frozen, longest, still,
    concealed: total.concealed / Math.max(1, total.samples), bitrate: 8 * total.bytes / total.at, rates: steps.map((step) => step.frames / step.at),
  };
}

/**
 * When the rate of the first of so many steps was there again, for a second, after the last had begun.
 * @param {Sample[]} samples two a second
 * @param {number} steps of the same length
 * @returns {{before: number, after: number, rates: number[]}} before and rates in bit/s; after in s, infinite if never
 */
export function comeback(samples, steps) {
  const rates = between(samples).map((step) => 8 * step.bytes / step.at);
  const length = Math.floor(rates.length / steps);
  const before = rates.slice(0, length).sort((a, b) => a - b)[Math.floor(length / 2)] ?? 0;
  const begin = length * (steps - 1);
  const last = rates.slice(begin);
  const there = last.findIndex((rate, i) => rate + (last[i + 1] ?? 0) >= 2 * 0.9 * before);
  const at = (/** @type {number} */ i) => samples[begin + i]?.at ?? Infinity;
  return { before, after: there < 0 ? Infinity : at(there) - at(0), rates };
}

/** @param {Sample[]} samples */
const between = (samples) => samples.slice(1).map((sample, i) => difference(/** @type {Sample} */ (samples[i]), sample));

/**
 * @param {Sample} first
 * @param {Sample} last
 */
const difference = (first, last) => ({
  at: last.at - first.at, frames: last.frames - first.frames, freezes: last.freezes - first.freezes, frozen: last.frozen - first.frozen,
  samples: last.samples - first.samples, concealed: last.concealed - first.concealed, bytes: last.bytes - first.bytes,
});
