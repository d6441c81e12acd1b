// A peer connection, where browsers need help with it: candidates that come too early, promises that never settle, and what comes
// of a failure.

import { ClosedError } from './errors.js';

/** Keeps candidates until the peer connection can take them. */
export class CandidateBuffer {
  /** @type {RTCIceCandidateInit[]} */
  #waiting = [];
  /** @type {RTCPeerConnection} */
  #pc;

  /** @param {RTCPeerConnection} pc */
  constructor(pc) {
    this.#pc = pc;
  }

  /**
   * Adds a candidate now or later. One that does not fit is dropped: the others may do.
   * @param {RTCIceCandidateInit} candidate
   */
  async add(candidate) {
    if (!this.#pc.remoteDescription || this.#pc.signalingState !== 'stable') {
      this.#waiting.push(candidate);
      return;
    }
    await this.#pc.addIceCandidate(candidate).catch(() => {});
  }

  /** Adds what has waited; to be called when a negotiation is complete. */
  async flush() {
    const candidates = this.#waiting;
    this.#waiting = [];
    for (const candidate of candidates) await this.#pc.addIceCandidate(candidate).catch(() => {});
  }
}

/**
 * Follows the state of ICE for the life of a peer connection.
 * @param {RTCPeerConnection} pc
 * @param {object} on
 * @param {(state: RTCIceConnectionState) => void} on.state it has changed
 * @param {() => void} on.failed a restart is due
 * @param {() => void} on.spent a path was found again, and nothing will be sent by it. Firefox fails DTLS together with ICE,
 *   which it is to outlive (WebRTC, RTCIceTransportState), and opens it again after a restart, but not the way for media: it
 *   receives, and neither sends nor says what it has lost. Only another peer connection helps.
 */
export function followIce(pc, on) {
  let spent = false;
  pc.oniceconnectionstatechange = () => {
    const state = pc.iceConnectionState;
    on.state(state);
    if (state === 'failed') {
      spent ||= [...pc.getSenders(), ...pc.getReceivers()].some(({ transport }) => transport?.state === 'failed');
      on.failed();
    } else if (spent && (state === 'connected' || state === 'completed')) {
      spent = false;
      on.spent();
    }
  };
}

/** Promises never settle once a connection is closed (WebRTC, section 4.4.1.2), in Firefox not even of statistics. @type {WeakMap<RTCPeerConnection, Set<() => void>>} */
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
