// A peer connection without a network. An SDP is a list of the kinds of its tracks, such as `audio video`.

import { FakeTrack } from './media.js';

let made = 0;

export class FakePeer {
  /** @type {FakePeer[]} */
  static made = [];
  static codec = 'VP8';

  id = ++made;
  signalingState = 'stable';
  iceConnectionState = 'new';
  /** Of all senders and receivers. */
  transport = { state: 'new' };
  /** @type {{type: string, sdp: string} | null} */ localDescription = null;
  /** @type {{type: string, sdp: string} | null} */ remoteDescription = null;
  closed = false;
  restarts = 0;
  /** What the room chooses. */
  codec = FakePeer.codec;
  /** @type {object[]} */ candidates = [];
  /** What the statistics say. */
  traffic = { received: 0, sent: 0 };
  /** @type {any} */ onicecandidate = null;
  /** @type {any} */ oniceconnectionstatechange = null;
  /** @type {any[]} */ #transceivers = [];

  /** @param {RTCConfiguration} [configuration] */
  constructor(configuration = {}) {
    this.configuration = configuration;
    FakePeer.made.push(this);
  }

  /** @param {RTCConfiguration} configuration */
  setConfiguration(configuration) {
    this.configuration = configuration;
  }

  /**
   * @param {FakeTrack} track
   * @param {any} init
   */
  addTransceiver(track, init) {
    const sender = {
      track, transport: this.transport, replaceTrack: async (/** @type {FakeTrack} */ t) => { sender.track = t; },
      parameters: { encodings: init.sendEncodings ?? [{}], codecs: [{ mimeType: `${track.kind}/${this.codec}` }] },
      getParameters: () => JSON.parse(JSON.stringify(sender.parameters)),
      setParameters: async (/** @type {any} */ p) => { sender.parameters = p; },
    };
    this.#transceivers.push({ sender, init, direction: init.direction, currentDirection: null });
  }

  /** @param {FakeTrack} track */
  addTrack(track) {
    this.addTransceiver(track, { direction: 'sendrecv' });
  }

  getTransceivers() {
    return this.#transceivers;
  }

  getSenders() {
    return this.#transceivers.map((t) => t.sender).filter(Boolean);
  }

  getReceivers() {
    return this.#transceivers.map((t) => t.receiver).filter(Boolean);
  }

  /** @param {{iceRestart?: boolean}} options */
  async createOffer({ iceRestart = false } = {}) {
    if (iceRestart) this.restarts++;
    return { type: 'offer', sdp: this.#transceivers.map((t) => t.sender.track.kind).join(' ') };
  }

  async createAnswer() {
    return { type: 'answer', sdp: 'answer' };
  }

  /** @param {{type: string, sdp: string}} d */
  async setLocalDescription(d) {
    this.localDescription = d;
    this.signalingState = d.type === 'offer' ? 'have-local-offer' : 'stable';
    if (d.type === 'answer') for (const t of this.#transceivers) t.currentDirection = t.offered ? 'recvonly' : 'inactive';
  }

  /** @param {{type: string, sdp: string}} d */
  async setRemoteDescription(d) {
    if (d.sdp === 'bad') throw new Error('bad sdp');
    this.remoteDescription = d;
    this.signalingState = d.type === 'offer' ? 'have-remote-offer' : 'stable';
    if (d.type !== 'offer') return;
    const kinds = d.sdp.split(' ');
    for (const t of this.#transceivers) t.offered = kinds.includes(t.receiver.track.kind);
    for (const kind of kinds) {
      if (this.#transceivers.some((t) => t.receiver.track.kind === kind)) continue;
      const receiver = { track: new FakeTrack(/** @type {any} */ (kind)), transport: this.transport, sources: /** @type {object[]} */ ([]), getSynchronizationSources: () => receiver.sources };
      this.#transceivers.push({ receiver, direction: 'recvonly', currentDirection: null, offered: true });
    }
  }

  /** @param {object} candidate */
  async addIceCandidate(candidate) {
    if (!this.remoteDescription) throw new Error('too early');
    this.candidates.push(candidate);
  }

  async getStats() {
    return new Map([['pair', { type: 'candidate-pair', bytesReceived: this.traffic.received }], ['out', { type: 'outbound-rtp', packetsSent: this.traffic.sent }]]);
  }

  /** Something arrives. @param {number} now ms */
  hear(now) {
    this.traffic.received += 100;
    for (const receiver of this.getReceivers()) receiver.sources = [{ timestamp: now }];
  }

  close() {
    this.closed = true;
  }

  /** ICE fails, and takes DTLS with it, as in Firefox. */
  failAltogether() {
    this.transport.state = 'failed';
    this.become('failed');
  }

  /** @param {string} state */
  become(state) {
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }
}
