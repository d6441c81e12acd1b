// Candidates of the other side that come before its description is known.

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
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const candidate of waiting) await this.#pc.addIceCandidate(candidate).catch(() => {});
  }
}
