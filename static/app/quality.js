// How well a stream arrives, and why not better. Pure: what the browser has counted in, words out.

/** @typedef {import('../lib/stats.js').Sample} Sample */
/** @typedef {import('../lib/stats.js').Received} Received */
/** @typedef {'theirs' | 'yours' | 'server'} Cause whose line or machine it is that does not keep up */

/**
 * @typedef {object} Quality
 * @property {'fair' | 'poor'} level
 * @property {Cause} cause
 * @property {boolean} frozen the picture stands still
 */

/**
 * @typedef {object} Progress what happened between two samples of a stream
 * @property {number} seconds
 * @property {number} received packets a second
 * @property {number} loss share of the packets that are missing, wherever they got lost, 0 to 1
 * @property {number | null} lineLoss share that got lost between the server and here, by what the server says it sent; null if it has not said
 * @property {number} jitter s
 * @property {number} concealed share of the sound that was made up
 * @property {number | null} frames a second; null without a picture
 * @property {number} stood share of the time that the picture stood still
 * @property {number} nacks packets a second that were asked for again
 * @property {number | null} roundTrip s
 * @property {number} down bit/s
 * @property {number} up bit/s
 */

/** Losses and made-up sound from these shares on are heard and seen. */
const LOSS = { fair: 0.03, poor: 0.08 };
const CONCEALED = { fair: 0.05, poor: 0.15 };
/** Packets whose delay varies that much come too late for a conversation, s. */
const JITTER = { fair: 0.06, poor: 0.15 };
const ROUND_TRIP = { fair: 0.4, poor: 1 };
/** Pictures a second of a camera below which movements are torn. */
const FRAMES = { fair: 9, poor: 4 };
/** Share of the time that a picture may stand still. */
const STOOD = { fair: 0.15, poor: 0.4 };
/** As many of the others have to suffer too before it is not the publisher's fault. */
const COMMON = 0.6;

/**
 * @param {Sample} before
 * @param {Sample} after
 * @returns {Progress}
 */
export function progress(before, after) {
  const seconds = Math.max(0.001, (after.time - before.time) / 1000);
  const sum = { packets: 0, lost: 0, bytes: 0, samples: 0, concealed: 0, nacks: 0, frames: 0, frozen: 0 };
  /** @type {{sent: number, received: number} | null} */
  let line = null;
  let jitter = 0;
  let picture = false;
  after.received.forEach((now, i) => {
    const then = before.received[i];
    // Another track than before: its counts begin anew.
    if (!then || then.kind !== now.kind || then.packets > now.packets) return;
    for (const key of /** @type {(keyof typeof sum)[]} */ (Object.keys(sum))) sum[key] += now[key] - then[key];
    jitter = Math.max(jitter, now.jitter);
    picture ||= now.kind === 'video' && then.frames > 0;
    const said = saidSent(then, now);
    if (said === null) return;
    line ??= { sent: 0, received: 0 };
    line.sent += said;
    line.received += (now.packets - then.packets) / seconds;
  });
  const lost = Math.max(0, sum.lost);
  const went = /** @type {{sent: number, received: number} | null} */ (line);
  return {
    seconds, received: sum.packets / seconds, loss: share(lost, lost + sum.packets), jitter,
    lineLoss: went && went.sent > 0 ? Math.max(0, 1 - went.received / went.sent) : null,
    concealed: share(sum.concealed, sum.samples), frames: picture ? sum.frames / seconds : null,
    stood: Math.min(1, sum.frozen / seconds), nacks: sum.nacks / seconds, roundTrip: after.roundTrip,
    down: sum.bytes * 8 / seconds, up: bytesSent(before, after) * 8 / seconds,
  };
}

/**
 * Packets a second that the server sent, by two of its reports.
 * @param {Received} then
 * @param {Received} now
 * @returns {number | null}
 */
function saidSent(then, now) {
  if (then.sent === null || now.sent === null || now.sentAt <= then.sentAt) return null;
  return Math.max(0, now.sent - then.sent) / ((now.sentAt - then.sentAt) / 1000);
}

/** @param {Sample} before @param {Sample} after */
function bytesSent(before, after) {
  return after.sent.reduce((sum, now, i) => sum + Math.max(0, now.bytes - (before.sent[i]?.bytes ?? now.bytes)), 0);
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? Math.max(0, part) / whole : 0;
}

/**
 * @typedef {object} Watched one stream that is seen
 * @property {string} id
 * @property {string} source whose it is
 * @property {boolean} moving a camera, whose picture never rests
 * @property {boolean} [thin] only a quarter of its frames was asked for
 * @property {Progress} progress
 */

/**
 * What is wrong with each stream that is not good. Losses on the way from the server to here are the same line for all; so is what
 * most of the publishers suffer from. What is lost before the server, or concerns one of several, is the publisher's.
 * @param {Watched[]} streams
 * @returns {Map<string, Quality>} by id of the stream; good ones are not in it
 */
export function judge(streams) {
  const levels = new Map(streams.map((s) => [s.id, levelOf(s)]));
  const line = lineOf(streams);
  /** @type {Map<string, Quality>} */
  const found = new Map();
  for (const s of streams) {
    const level = levels.get(s.id);
    if (!level) continue;
    found.set(s.id, { level, cause: causeOf(s, line, common(streams, levels)), frozen: frozen(s) });
  }
  return found;
}

/**
 * What is wrong with a stream of ours: how much of it reaches the server.
 * @param {Sample} sample
 * @returns {Quality | null}
 */
export function judgeOwn({ sent }) {
  const lost = Math.max(0, ...sent.map((s) => s.lost));
  const level = lost >= LOSS.poor ? 'poor' : lost >= LOSS.fair ? 'fair' : null;
  return level && { level, cause: 'yours', frozen: false };
}

/** @param {Watched} stream */
function frozen({ moving, progress: { frames } }) {
  return moving && frames === 0;
}

/**
 * @param {Watched} stream
 * @returns {Quality['level'] | null}
 */
function levelOf({ moving, thin, progress: p }) {
  /** @param {'fair' | 'poor'} level */
  const reaches = (level) => p.loss >= LOSS[level] || p.concealed >= CONCEALED[level] || p.jitter >= JITTER[level] || p.stood >= STOOD[level] ||
    (p.roundTrip ?? 0) >= ROUND_TRIP[level] || (moving && p.frames !== null && p.frames < FRAMES[level] / (thin ? 2 : 1));
  return reaches('poor') ? 'poor' : reaches('fair') ? 'fair' : null;
}

/**
 * What our own line is like, by all streams together.
 * @param {Watched[]} streams
 * @returns {{loss: number | null, slow: boolean}}
 */
function lineOf(streams) {
  const told = streams.filter((s) => s.progress.lineLoss !== null);
  const received = told.reduce((sum, s) => sum + s.progress.received, 0);
  const lost = told.reduce((sum, s) => sum + s.progress.received * (s.progress.lineLoss ?? 0), 0);
  return {
    loss: received > 0 ? lost / received : null,
    slow: streams.some((s) => (s.progress.roundTrip ?? 0) >= ROUND_TRIP.fair),
  };
}

/**
 * Whether most of several publishers suffer.
 * @param {Watched[]} streams
 * @param {Map<string, Quality['level'] | null>} levels
 */
function common(streams, levels) {
  const sources = new Map(streams.map((s) => [s.source, false]));
  for (const s of streams) if (levels.get(s.id)) sources.set(s.source, true);
  return sources.size > 1 && [...sources.values()].filter(Boolean).length / sources.size >= COMMON;
}

/**
 * @param {Watched} stream one that is not good
 * @param {{loss: number | null, slow: boolean}} line
 * @param {boolean} shared most publishers suffer
 * @returns {Cause}
 */
function causeOf({ progress: p }, line, shared) {
  if (line.slow) return 'yours';
  const lossy = p.loss >= LOSS.fair;
  if (lossy && line.loss !== null) return line.loss >= p.loss / 2 ? 'yours' : 'theirs';
  if (lossy) return 'yours';
  if (line.loss !== null && line.loss >= LOSS.fair) return 'yours';
  // Where nothing gets lost and yet everybody suffers, what they have in common is the server.
  return shared ? 'server' : 'theirs';
}
