// Waiting for something to become true.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

/** How long a test waits for what should happen, ms: a page of Firefox takes half a minute to load where ten programs share two cores. */
export const PATIENCE = 60_000;

/**
 * Asks again and again until the answer is truthy, and gives it.
 * @template T
 * @param {string} what should happen, for the error
 * @param {() => Promise<T>} ask
 * @param {number} [patience] ms
 * @returns {Promise<Exclude<T, false>>}
 */
export async function until(what, ask, patience = PATIENCE) {
  const end = Date.now() + patience;
  let last;
  while (Date.now() < end) {
    last = await ask();
    if (last) return /** @type {Exclude<T, false>} */ (last);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error(`${what}: still not so after ${patience} ms (${JSON.stringify(last)})`);
}

/**
 * Asks again and again until the answer is the one that is wanted; the error shows the last one beside it.
 * @template T
 * @param {string} what should happen, for the error
 * @param {() => Promise<T>} ask
 * @param {T} wanted
 * @param {number} [patience] ms
 */
export async function untilEqual(what, ask, wanted, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (isDeepStrictEqual(answer, wanted)) return;
    if (Date.now() >= end) assert.deepEqual(answer, wanted, `${what}: still not so after ${patience} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

/**
 * Waits until a page decodes moving pictures and hears something.
 * @param {string} who
 * @param {() => Promise<import('./probe.js').Media>} media
 * @param {number} [streams] how many streams it should receive
 */
export async function untilMediaFlows(who, media, streams = 1) {
  let first = await until(`${who} receives ${streams} streams`, async () => {
    const m = await media();
    return m.received === streams && m.frames > 0 ? m : false;
  });
  return until(`${who} decodes frames and hears sound`, async () => {
    const m = await media();
    // What was counted at first may have been of connections that others have taken the place of.
    if (m.frames < first.frames || m.energy < first.energy) first = m;
    return m.frames >= first.frames + 10 && m.energy > first.energy ? m : false;
  });
}
