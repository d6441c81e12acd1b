// How long to wait between attempts to reconnect.

/** Waiting times, ms; the last one repeats. */
const DELAYS = [1000, 2000, 4000, 8000, 15_000];
/** How far a waiting time is shortened or lengthened at most, so that clients do not come back in step. */
const JITTER = 0.2;
/** After this long without success, ms, the person is asked. */
export const GIVE_UP_AFTER = 120_000;

/**
 * @param {number} attempt from 0
 * @param {number} [random] between 0 and 1
 * @returns {number} ms to wait before it
 */
export function delayBefore(attempt, random = Math.random()) {
  const base = DELAYS[Math.min(attempt, DELAYS.length - 1)] ?? 0;
  return Math.round(base * (1 + JITTER * (2 * random - 1)));
}
