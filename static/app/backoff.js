// Trying again and again until the server is there, after times that grow.

import { retryAt } from './store.js';

/** Waiting times, ms; the last one repeats. */
const DELAYS = [1000, 2000, 4000, 8000, 15_000];
/** How far a waiting time is shortened or lengthened at most, so that clients do not come back in step. */
const JITTER = 0.2;
/** After this long without success, ms, the person is asked. */
const GIVE_UP_AFTER = 120_000;

/**
 * @param {number} attempt from 0
 * @param {number} [random] between 0 and 1
 * @returns {number} ms to wait before it
 */
export function delayBefore(attempt, random = Math.random()) {
  const base = DELAYS[Math.min(attempt, DELAYS.length - 1)] ?? 0;
  return Math.round(base * (1 + JITTER * (2 * random - 1)));
}

/** What is being tried; null if nothing is. @type {{since: number, attempt: number, timer?: ReturnType<typeof setTimeout>, what: () => void} | null} */
let trying = null;

/**
 * Tries something later, and says so in `retryAt`. What fails again calls this again, until it has been going on for too long.
 * @param {() => void} what calls this or stopTrying() in the end
 * @param {() => void} gaveUp called instead of waiting any longer
 */
export function tryLater(what, gaveUp) {
  const { since, attempt } = trying ?? { since: Date.now(), attempt: 0 };
  stopTrying();
  if (Date.now() - since > GIVE_UP_AFTER) {
    gaveUp();
    return;
  }
  const delay = delayBefore(attempt);
  retryAt.value = Date.now() + delay;
  trying = { since, attempt: attempt + 1, timer: setTimeout(tryNow, delay), what };
}

/**
 * Tries something at once, with all of the time before it.
 * @param {() => void} what as for tryLater()
 */
export function tryAnew(what) {
  stopTrying();
  trying = { since: Date.now(), attempt: 0, what };
  what();
}

/** Tries at once what is to be tried later. @returns {boolean} whether anything is being tried */
export function tryNow() {
  if (trying && retryAt.value > 0) {
    clearTimeout(trying.timer);
    retryAt.value = 0;
    trying.what();
  }
  return trying !== null;
}

/** Nothing is to be tried any more: it is done, or not wanted. */
export function stopTrying() {
  clearTimeout(trying?.timer);
  trying = null;
  retryAt.value = 0;
}
