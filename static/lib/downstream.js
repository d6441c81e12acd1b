// A stream of somebody else: one peer connection whose offers come from the server.

import { Emitter } from './emitter.js';
import { CandidateBuffer, closePeer, followIce } from './peer.js';

/** @typedef {import('./connection.js').ServerConnection} ServerConnection */

/**
 * Events: `media` when tracks came or went, `state` when the state of the transport changed,
 * `replaced` with the successor, then `close`, once.
 * @extends {Emitter<{media: MediaStream, state: RTCIceConnectionState, replaced: DownStream, close: null}>}
 */
export class DownStream extends Emitter {
  /** @type {string} the publisher's id of the stream */
  id;
  /** @type {string} */
  label;
  /** @type {string} client id of the publisher, empty if unknown */
  source;
  /** @type {string} */
  username;
  /** @type {RTCPeerConnection} */
  pc;
  /** The tracks received; the same object for the life of the stream. */
  media = new MediaStream();

  /** @type {ServerConnection} */
  #connection;
  #candidates;
  #closed = false;

  /**
   * @param {ServerConnection} connection
   * @param {import('./messages.js').Offer} offer the one that announced the stream
   */
  constructor(connection, offer) {
    super();
    this.#connection = connection;
    this.id = offer.id;
    this.label = offer.label ?? '';
    this.source = offer.source ?? '';
    this.username = offer.username ?? '';
    this.pc = new RTCPeerConnection(connection.rtcConfiguration);
    this.#candidates = new CandidateBuffer(this.pc);
    this.pc.onicecandidate = (e) => {
      if (e.candidate) connection.send({ type: 'ice', id: this.id, candidate: e.candidate.toJSON() });
    };
    followIce(this.pc, { state: (state) => this.emit('state', state), failed: () => this.restart(), spent: () => this.#beginAnew() });
  }

  /** Looks for another path to the server, which has to make the offer. */
  restart() {
    if (!this.#closed) this.#connection.send({ type: 'renegotiate', id: this.id });
  }

  /** Has the server offer the same stream again, which will be another one here. */
  #beginAnew() {
    const { requested } = this.#connection;
    if (!requested) return;
    this.close();
    this.#connection.send(requested);
  }

  /** @param {string} sdp */
  async gotOffer(sdp) {
    if (this.#closed) return;
    try {
      await this.pc.setRemoteDescription({ type: 'offer', sdp });
      const answer = await this.pc.createAnswer();
      await this.pc.setLocalDescription(answer);
    } catch (e) {
      if (this.#closed) return;
      this.#connection.emit('error', e instanceof Error ? e : new Error(String(e)));
      this.close();
      return;
    }
    if (this.#closed) return;
    this.#connection.send({ type: 'answer', id: this.id, sdp: this.pc.localDescription?.sdp ?? '' });
    this.#collectTracks();
    await this.#candidates.flush();
  }

  /** Makes `media` hold exactly the tracks of the negotiation that has just ended. */
  #collectTracks() {
    const wanted = new Set(this.pc.getTransceivers()
      .filter((t) => t.currentDirection === 'recvonly' || t.currentDirection === 'sendrecv')
      .map((t) => t.receiver.track));
    for (const track of this.media.getTracks()) {
      if (!wanted.has(track)) this.media.removeTrack(track);
    }
    for (const track of wanted) this.media.addTrack(track);
    this.emit('media', this.media);
  }

  /** @param {RTCIceCandidateInit} candidate */
  gotCandidate(candidate) {
    return this.#candidates.add(candidate);
  }

  /** The publisher or the server ended the stream. */
  closedByServer() {
    this.dispose();
  }

  /** @param {DownStream} successor takes this stream's place */
  replacedBy(successor) {
    this.emit('replaced', successor);
    this.dispose();
  }

  /** Asks the server to stop sending the stream, and drops it. */
  close() {
    if (this.#closed) return;
    this.#connection.send({ type: 'abort', id: this.id });
    this.dispose();
  }

  /** Ends the stream here, without a word to the server. */
  dispose() {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.down.delete(this.id);
    this.pc.onicecandidate = this.pc.oniceconnectionstatechange = null;
    closePeer(this.pc);
    this.emit('close', null);
  }
}
