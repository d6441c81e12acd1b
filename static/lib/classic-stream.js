// A stream, ours or somebody else's, whose events are callbacks.

import { randomId } from './ids.js';
import { UpStream } from './upstream.js';

/** @typedef {import('./classic-connection.js').ServerConnection} ServerConnection */
/** @typedef {import('./downstream.js').DownStream} DownStream */

export class Stream {
  /** The stream is over; replace says that another one takes its place. @type {((this: Stream, replace: boolean) => void) | null} */
  onclose = null;
  /** @type {((this: Stream, error: Error) => void) | null} */
  onerror = null;
  /** A track of somebody else's stream has come. @type {((this: Stream, track: MediaStreamTrack, transceiver: RTCRtpTransceiver | null, stream: MediaStream) => void) | null} */
  ondowntrack = null;
  /** The state of the transport has changed: `connected`, `failed`, … @type {((this: Stream, status: RTCIceConnectionState) => void) | null} */
  onstatus = null;
  /** An offer has been answered. @type {((this: Stream) => void) | null} */
  onnegotiationcompleted = null;
  /** @type {((this: Stream, stats: RTCStatsReport) => void) | null} */
  onstats = null;

  /** Survives replacements. */
  localId;
  /** @type {MediaStream | null} what is sent or received */
  stream = null;
  /** For the use of the application. @type {Record<string, unknown>} */
  userdata = {};

  #inner;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {ServerConnection} sc
   * @param {UpStream | DownStream} inner
   */
  constructor(sc, inner) {
    this.sc = sc;
    this.#inner = inner;
    this.localId = randomId();
    /** Ours, rather than somebody else's. */
    this.up = inner instanceof UpStream;
    /** @param {RTCIceConnectionState} state */
    const status = (state) => this.onstatus?.(state);
    if (inner instanceof UpStream) {
      inner.on('state', status);
      inner.on('negotiated', () => this.onnegotiationcompleted?.());
      inner.on('close', (reason) => this.#closed(reason === 'replaced'));
      return;
    }
    let replaced = false;
    inner.on('state', status);
    inner.on('media', (media) => {
      this.stream = media;
      for (const track of media.getTracks()) {
        const transceiver = inner.pc.getTransceivers().find((t) => t.receiver.track === track);
        this.ondowntrack?.(track, transceiver ?? null, media);
      }
      this.onnegotiationcompleted?.();
    });
    inner.on('replaced', (successor) => {
      replaced = true;
      const next = sc.down[successor.id];
      if (next) next.localId = this.localId;
    });
    inner.on('close', () => this.#closed(replaced));
  }

  get id() { return this.#inner.id; }
  get pc() { return this.#inner.pc; }
  get label() { return this.#inner.label; }
  set label(label) { this.#inner.label = label; }
  /** Client id of whoever sends it. */
  get source() { return this.#inner instanceof UpStream ? this.sc.id : this.#inner.source; }
  get username() { return this.#inner instanceof UpStream ? this.sc.username : this.#inner.username; }

  /**
   * Sends the tracks of a media stream.
   * @param {MediaStream} media they stay the caller's
   */
  setStream(media) {
    this.stream = media;
    for (const track of media.getTracks()) this.pc.addTrack(track, media);
  }

  /** Ends the stream: one of ours for everybody, one of somebody else's for us. */
  close() {
    this.#inner.close();
  }

  /** Ends a stream of somebody else's for us. */
  abort() {
    this.#inner.close();
  }

  /**
   * Says which tracks of this stream we want, whatever we want of all.
   * @param {import('./messages.js').Wanted[] | null} what null to take that back
   */
  request(what) {
    if (this.#inner instanceof UpStream) throw new Error('one asks for the streams of others');
    this.sc.connection.send({ type: 'requestStream', id: this.id, request: what });
  }

  /** Finds a new path for the media. */
  restartIce() {
    if (this.#inner instanceof UpStream) void this.#inner.negotiate({ restart: true });
    else this.sc.connection.send({ type: 'renegotiate', id: this.id });
  }

  /** @param {number} milliseconds between calls of onstats, 0 for none */
  setStatsInterval(milliseconds) {
    clearInterval(this.#timer);
    if (milliseconds <= 0) return;
    this.#timer = setInterval(() => {
      this.pc.getStats().then((stats) => this.onstats?.(stats), () => {});
    }, milliseconds);
  }

  /** @param {boolean} replaced */
  #closed(replaced) {
    clearInterval(this.#timer);
    this.onclose?.(replaced);
  }
}
