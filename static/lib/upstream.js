// A stream of ours: one peer connection whose offers are made here.

import { Emitter } from './emitter.js';
import { randomId } from './ids.js';
import { CandidateBuffer, closePeer, followIce, whileOpen } from './peer.js';

/** @typedef {import('./connection.js').ServerConnection} ServerConnection */

/**
 * @typedef {object} SendEncodings by kind of track, best first; several have rids
 * @property {RTCRtpEncodingParameters[]} [audio]
 * @property {RTCRtpEncodingParameters[]} [video]
 * @property {boolean} [described] packets of pictures say which layer they are of, which for AV1 nothing else does: with the
 *   dependency descriptor, where the browser can (see `canDescribe`)
 */

/** As many frames a second are sent at most while more is encoded than the uplink takes: an encoder takes a while to make smaller ones. */
const slowFramerate = 15;

const DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

/** Whether packets of AV1 can say which layer they are of: where not, several encodings do. */
export function canDescribe() {
  return 'setHeaderExtensionsToNegotiate' in (globalThis.RTCRtpTransceiver?.prototype ?? {});
}

/** @param {RTCRtpTransceiver} transceiver */
function describe(transceiver) {
  const t = /** @type {{getHeaderExtensionsToNegotiate(): {uri: string, direction: string}[], setHeaderExtensionsToNegotiate(x: object[]): void}} */ (
    /** @type {unknown} */ (transceiver));
  t.setHeaderExtensionsToNegotiate(t.getHeaderExtensionsToNegotiate().map((x) => (x.uri === DESCRIPTOR ? { ...x, direction: 'sendrecv' } : x)));
}

/**
 * @typedef {object} UpOptions
 * @property {string} label `camera`, `screenshare` or `video`
 * @property {MediaStream} [media] the tracks to send; they stay the caller's. Without it the caller adds tracks to `pc`, and
 *   offers are made whenever that needs one
 * @property {string} [replace] id of our stream that this one takes the place of
 * @property {number} [maxVideoBitrate] bit/s, no limit if absent
 * @property {SendEncodings} [encodings] how the tracks are encoded, instead of maxVideoBitrate
 */

/**
 * Events: `close` once, with the reason; `state` whenever the state of the transport changes; `negotiated` after every
 * answer; `spent` when the stream will not send any more and another one has to take its place, although there is a path.
 * @extends {Emitter<{negotiated: null, spent: null, close: 'local' | 'aborted' | 'replaced' | 'failed' | 'lost', state: RTCIceConnectionState}>}
 */
export class UpStream extends Emitter {
  id = randomId();
  /** @type {RTCPeerConnection} */
  pc;
  /** @type {string} */
  label;

  /** @type {ServerConnection} */
  #connection;
  #candidates;
  #replace;
  #closed = false;
  #begun = false;
  /** An offer is being made or waits for its answer. */
  #busy = false;
  /** @type {{restart: boolean} | null} what to do once the answer has come */
  #pending = null;
  /** @type {SendEncodings} */
  #encodings;
  /** @type {string[] | null} rids of the encodings that anybody has use for, null for all */
  #useful = null;
  /** What the server says that our uplink takes of a picture, in bit/s; 0 if it does not. */
  #uplink = 0;
  /** @type {Map<RTCRtpSender, RTCRtpEncodingParameters[]>} what held before the uplink did not take it */
  #limited = new Map();
  /** Settles when the parameters of the senders are what they should be. */
  #applied = Promise.resolve();

  /**
   * Makes the peer connection and sends the first offer.
   * @param {ServerConnection} connection
   * @param {UpOptions} options
   */
  constructor(connection, { label, media, replace = '', maxVideoBitrate, encodings }) {
    super();
    this.#connection = connection;
    this.label = label;
    this.#replace = replace;
    this.#encodings = encodings ?? (maxVideoBitrate ? { video: [{ maxBitrate: maxVideoBitrate }] } : {});
    this.pc = new RTCPeerConnection(connection.rtcConfiguration);
    this.#candidates = new CandidateBuffer(this.pc);
    for (const track of media?.getTracks() ?? []) {
      const transceiver = this.pc.addTransceiver(track, { direction: 'sendonly', streams: media ? [media] : [], sendEncodings: this.#encodingsOf(track) ?? [{}] });
      if (track.kind === 'video' && this.#encodings.described && canDescribe()) describe(transceiver);
    }
    this.pc.onicecandidate = (e) => {
      if (e.candidate) connection.send({ type: 'ice', id: this.id, candidate: e.candidate.toJSON() });
    };
    followIce(this.pc, { state: (state) => this.emit('state', state), failed: () => this.restart(), spent: () => this.emit('spent', null) });
    connection.up.set(this.id, this);
    if (media) this.#begin(replace);
    else this.pc.onnegotiationneeded = () => (this.#begun ? void this.negotiate() : this.#begin(replace));
  }

  /**
   * Sends the first offer, which takes the place of another stream.
   * @param {string} replace
   */
  #begin(replace) {
    this.#begun = true;
    const old = this.#connection.up.get(replace);
    // Ended before its offer was sent, this stream takes nobody's place: the old one has to be closed.
    void this.negotiate().then(() => (this.#replace ? old?.close() : old?.dispose('replaced')));
  }

  /**
   * Sends an offer, at once or after the answer to the one before.
   * @param {{restart?: boolean}} [options] restart: with new ICE credentials
   */
  async negotiate({ restart = false } = {}) {
    if (this.#closed) return;
    if (this.#busy) {
      this.#pending = { restart: restart || (this.#pending?.restart ?? false) };
      return;
    }
    this.#busy = true;
    try {
      const offer = await whileOpen(this.pc, this.pc.createOffer({ iceRestart: restart }));
      await whileOpen(this.pc, this.pc.setLocalDescription(offer));
    } catch (e) {
      this.#fail(e);
      return;
    }
    if (this.#closed) return;
    const replace = this.#replace || undefined;
    this.#replace = '';
    this.#connection.send({
      type: 'offer', id: this.id, label: this.label, replace,
      source: this.#connection.id, username: this.#connection.username,
      sdp: this.pc.localDescription?.sdp ?? '',
    });
  }

  /** Looks for another path to the server; what is sent goes on. */
  restart() {
    void this.negotiate({ restart: true });
  }

  /** @param {string} sdp */
  async gotAnswer(sdp) {
    if (this.#closed || this.pc.signalingState !== 'have-local-offer') return;
    try {
      await this.pc.setRemoteDescription({ type: 'answer', sdp });
    } catch (e) {
      this.#fail(e);
      return;
    }
    await this.#candidates.flush();
    this.#busy = false;
    this.emit('negotiated', null);
    const pending = this.#pending;
    this.#pending = null;
    if (pending) await this.negotiate(pending);
  }

  /**
   * Changes how the tracks are encoded, without a new offer: rates and sizes, not how many encodings there are.
   * @param {SendEncodings} encodings
   */
  changeEncodings(encodings) {
    if (JSON.stringify(encodings) === JSON.stringify(this.#encodings)) return this.#applied;
    this.#encodings = encodings;
    return this.#applyEncodings();
  }

  /**
   * Leaves out the encodings that nobody has use for, and sends no more than the uplink takes.
   * @param {{value?: string[], bitrate?: number}} message
   */
  gotEncodings({ value, bitrate }) {
    this.#useful = value ?? this.#useful;
    this.#uplink = bitrate ?? this.#uplink;
    return this.#applyEncodings();
  }

  /** @param {MediaStreamTrack | null} track */
  #encodingsOf(track) {
    return track?.kind === 'audio' || track?.kind === 'video' ? this.#encodings[track.kind] : undefined;
  }

  /** One change at a time: what a browser is given has to be what it gave last. */
  #applyEncodings() {
    this.#applied = this.#applied.then(async () => {
      for (const sender of this.pc.getSenders()) {
        if (this.#closed) return;
        const parameters = sender.getParameters();
        const wanted = this.#encodingsOf(sender.track);
        const before = this.#limited.get(sender);
        parameters.encodings?.forEach((encoding, i) => {
          if (before) changeEncoding(encoding, before[i] ?? {});
          if (wanted?.length === parameters.encodings.length) changeEncoding(encoding, wanted[i] ?? {});
          if (encoding.rid && this.#useful) encoding.active = this.#useful.includes(encoding.rid);
        });
        if (sender.track?.kind === 'video') this.#limit(sender, parameters.encodings ?? []);
        // A sender that cannot goes on as before, which costs bandwidth only; one whose stream has ended meanwhile cannot.
        await sender.setParameters(parameters).catch((e) => { if (!this.#closed) this.#connection.emit('error', e); });
      }
    });
    return this.#applied;
  }

  /**
   * @param {RTCRtpSender} sender
   * @param {RTCRtpEncodingParameters[]} encodings are changed to what the uplink takes
   */
  #limit(sender, encodings) {
    this.#limited.delete(sender);
    if (!this.#uplink) return;
    this.#limited.set(sender, encodings.map((encoding) => ({ ...encoding })));
    for (const encoding of encodings) {
      encoding.maxBitrate = Math.min(encoding.maxBitrate ?? Infinity, this.#uplink);
      encoding.maxFramerate = Math.min(encoding.maxFramerate ?? Infinity, slowFramerate);
    }
  }

  /** @param {RTCIceCandidateInit} candidate */
  gotCandidate(candidate) {
    return this.#candidates.add(candidate);
  }

  /** The server does not want the stream, or not any more. */
  abortedByServer() {
    this.#connection.send({ type: 'close', id: this.id });
    this.dispose('aborted');
  }

  /** Ends the stream for everybody. */
  close() {
    if (this.#closed) return;
    this.#connection.send({ type: 'close', id: this.id });
    this.dispose('local');
  }

  /**
   * Ends the stream here, without a word to the server.
   * @param {'local' | 'aborted' | 'replaced' | 'failed' | 'lost'} [reason]
   */
  dispose(reason = 'local') {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.up.delete(this.id);
    this.pc.onicecandidate = this.pc.oniceconnectionstatechange = this.pc.onnegotiationneeded = null;
    closePeer(this.pc);
    this.emit('close', reason);
  }

  /** @param {unknown} e */
  #fail(e) {
    if (this.#closed) return;
    this.#connection.emit('error', e instanceof Error ? e : new Error(String(e)));
    this.#connection.send({ type: 'close', id: this.id });
    this.dispose('failed');
  }
}

/**
 * @param {RTCRtpEncodingParameters} encoding is changed
 * @param {RTCRtpEncodingParameters} wanted what is not in it is removed
 */
function changeEncoding(encoding, wanted) {
  const [into, from] = /** @type {Record<string, unknown>[]} */ (/** @type {unknown} */ ([encoding, wanted]));
  for (const key of ['maxBitrate', 'scaleResolutionDownBy', 'maxFramerate', 'scalabilityMode']) {
    if (from?.[key] !== undefined && into) into[key] = from[key];
    else delete into?.[key];
  }
}
