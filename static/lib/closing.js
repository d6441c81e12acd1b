// Promises of a peer connection never settle once it is closed (WebRTC, section 4.4.1.2), in Firefox not even of statistics.

import { ClosedError } from './errors.js';

/** @type {WeakMap<RTCPeerConnection, Set<() => void>>} */
const waiting = new WeakMap();

/**
 * Waits for a promise of a peer connection that only `closePeer` closes.
 * @template T
 * @param {RTCPeerConnection} pc
 * @param {Promise<T>} promise
 * @returns {Promise<T>} rejected with ClosedError when it is closed first
 */
export function whileOpen(pc, promise) {
  return new Promise((resolve, reject) => {
    const ends = waiting.get(pc) ?? new Set();
    waiting.set(pc, ends);
    const end = () => reject(new ClosedError());
    ends.add(end);
    promise.then(resolve, reject).finally(() => ends.delete(end));
  });
}

/** @param {RTCPeerConnection} pc */
export function closePeer(pc) {
  pc.close();
  for (const end of waiting.get(pc) ?? []) end();
  waiting.delete(pc);
}
