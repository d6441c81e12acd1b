// Watches the path to the server. A browser notices late that its machine has moved to another network: the socket stays open, ICE
// says nothing. So the server is asked as soon as everything is silent; if it does not answer, we come back over a new socket, and
// ICE is restarted for those streams that stay silent.

import { whileOpen } from './peer.js';
import { isDead, Silence, wasPlaying } from './silence.js';

/** @typedef {import('./connection.js').ServerConnection} ServerConnection */
/** @typedef {import('./upstream.js').UpStream | import('./downstream.js').DownStream} Stream */
/** @typedef {import('./silence.js').Traffic} Traffic */

/** How often it is looked whether something arrives, ms. */
const PERIOD = 200;
/** How long the server may take to answer, ms, and the same in round trips. */
const PATIENCE = 600;
const PATIENCE_ROUND_TRIPS = 4;
const MAX_PATIENCE = 3000;
/** How long a stream has to be silent, while it is looked at, to be restarted, ms. */
const LISTEN = 1000;
/** The same when everything has been silent for longer already. */
const LISTEN_AGAIN = 400;
/** The same when the server answers: the browser checks every 2.65 s, which brings media back that come from another port of a NAT. */
const CHECKED_WITHIN = 3000;
/** How many streams are looked at for a sign of life when no media come. */
const SIGNS = 4;
/** How many streams are asked for their newest media at each look as long as some have any. */
const ASKED = 4;
/** Within so many looks it is every stream's turn. */
const LOOKS = 10;
/** States of ICE in which something may arrive. */
const CONNECTED = ['connected', 'completed', 'disconnected'];

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** The watch over one connection. It ends with the connection. */
export class PathWatch {
  #connection;
  #silence = new Silence(Date.now());
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #looking = false;
  #asking = false;
  /** Changes when what is being found out is out of date. */
  #round = 0;
  /** @type {WeakMap<Stream, {newest: number, at: number}>} the newest media of a stream, and when they were seen */
  #arrivals = new WeakMap();
  /** The newest media of all streams. */
  #newest = 0;
  /** Whose turn it is to be asked. */
  #turn = 0;
  /** At the last look, every stream was asked. */
  #askedAll = false;
  #bytes = 0;
  /** @type {WeakMap<Stream, number>} bytes that a stream had received when it was restarted */
  #restarted = new WeakMap();
  #moved = () => this.#networkChanged();
  #shown = () => { if (Object(globalThis).document.visibilityState === 'visible') this.#networkChanged(); };

  /** @param {ServerConnection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  start() {
    this.#timer = setInterval(() => void this.#look(), PERIOD);
    this.#connection.on('resumed', () => void this.#restartSilent());
    for (const [target, event, listener] of this.#sources()) target?.addEventListener(event, listener);
  }

  stop() {
    this.#round++;
    clearInterval(this.#timer);
    for (const [target, event, listener] of this.#sources()) target?.removeEventListener(event, listener);
  }

  /** Who says that the network may be another: not every browser has all of them. @returns {[EventTarget | undefined, string, () => void][]} */
  #sources() {
    const { document, navigator, window } = Object(globalThis);
    return [[window, 'online', this.#moved], [navigator?.connection, 'change', this.#moved], [document, 'visibilitychange', this.#shown]];
  }

  #networkChanged() {
    if (this.#connection.suspended) this.#connection.hurry();
    else void this.#doubt();
  }

  #streams() {
    return [...this.#connection.up.values(), ...this.#connection.down.values()].filter((s) => CONNECTED.includes(s.pc.iceConnectionState));
  }

  async #look() {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const streams = this.#streams();
      const arrived = streams.length === 0 || await this.#arrived(streams);
      const news = this.#silence.look(Date.now(), arrived);
      if (news === 'returned' && streams.length > 0 && this.#connection.suspended) this.#connection.hurry();
      else if (news === 'doubt') void this.#doubt();
    } finally {
      this.#looking = false;
    }
  }

  /**
   * Looks at the times of the newest media, and only when there are none at what else came.
   * @param {Stream[]} streams
   */
  async #arrived(streams) {
    if (this.#mediaArrived()) return true;
    const signs = await Promise.all(streams.slice(0, SIGNS).map((s) => traffic(s.pc)));
    const bytes = signs.reduce((sum, s) => sum + s.received, 0);
    const came = bytes !== this.#bytes;
    this.#bytes = bytes;
    return came;
  }

  /**
   * Whether media have come since the last look. Of many streams a few are asked in turn, and more only until one has brought some.
   * @returns {boolean}
   */
  #mediaArrived() {
    const streams = [...this.#connection.down.values()].filter((s) => CONNECTED.includes(s.pc.iceConnectionState));
    const count = Math.max(ASKED, Math.ceil(streams.length / LOOKS));
    const newestBefore = this.#newest;
    let media = false;
    let asked = 0;
    for (; asked < streams.length && (asked < count || !media); asked++) {
      const stream = /** @type {Stream} */ (streams[(this.#turn + asked) % streams.length]);
      const newest = newestArrival(stream.pc);
      const before = this.#arrivals.get(stream)?.newest ?? 0;
      if (newest <= before) continue;
      this.#arrivals.set(stream, { newest, at: Date.now() });
      this.#newest = Math.max(this.#newest, newest);
      // What is new for a stream that was not asked for long may be older than the last look.
      media ||= newest > newestBefore || this.#askedAll;
    }
    this.#askedAll = asked === streams.length;
    this.#turn = streams.length > 0 ? (this.#turn + Math.min(count, asked)) % streams.length : 0;
    return media;
  }

  /** Asks the server; comes back over another socket if there is no answer, and else looks which streams are silent. */
  async #doubt() {
    if (this.#asking || this.#connection.suspended) return;
    this.#asking = true;
    const patience = Math.min(MAX_PATIENCE, Math.max(PATIENCE, PATIENCE_ROUND_TRIPS * this.#connection.roundTrip));
    const answered = await this.#connection.ask(patience);
    this.#asking = false;
    if (!answered) this.#connection.comeBack();
    else if (this.#silence.length > 0) await this.#restartSilent(CHECKED_WITHIN);
  }

  /** Restarts ICE of those streams by which nothing comes for a while, and of no others. @param {number} [silence] at least, ms */
  async #restartSilent(silence = 0) {
    const round = ++this.#round;
    const { heard, length } = this.#silence;
    const streams = this.#streams();
    const before = await Promise.all(streams.map((s) => traffic(s.pc)));
    await wait(Math.max(length >= LISTEN ? LISTEN_AGAIN : LISTEN, silence - length));
    const after = await Promise.all(streams.map((s) => traffic(s.pc)));
    if (round !== this.#round || this.#connection.suspended) return;
    streams.forEach((stream, i) => {
      const [b, a] = [before[i], after[i]];
      if (!b || !a || stream.pc.signalingState !== 'stable' || !CONNECTED.includes(stream.pc.iceConnectionState)) return;
      if (!isDead(b, a, wasPlaying(this.#arrivals.get(stream)?.at, heard))) return;
      // Once: if that was in vain, ICE says so and begins again.
      if (this.#restarted.get(stream) === a.received) return;
      this.#restarted.set(stream, a.received);
      stream.restart();
    });
  }
}

/**
 * @param {RTCPeerConnection} pc
 * @returns {number} when the newest media were played, in ms of a clock of the browser's; 0 if none ever were
 */
function newestArrival(pc) {
  let newest = 0;
  for (const receiver of pc.getReceivers()) {
    for (const source of receiver.getSynchronizationSources()) newest = Math.max(newest, source.timestamp);
  }
  return newest;
}

/**
 * @param {RTCPeerConnection} pc
 * @returns {Promise<Traffic>}
 */
async function traffic(pc) {
  const sum = { received: 0, sent: 0 };
  try {
    (await whileOpen(pc, pc.getStats())).forEach((s) => {
      if (s.type === 'candidate-pair') sum.received += s.bytesReceived ?? 0;
      else if (s.type === 'outbound-rtp') sum.sent += s.packetsSent ?? 0;
    });
  } catch {
    // It was closed meanwhile.
  }
  return sum;
}
