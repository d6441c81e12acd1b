// Measures the streams, every two seconds and all at once, unless they are many: how well the others arrive, and what we send.

import { currentConnection } from './session.js';
import { effect, signal } from '../third-party/signals.js';
import { hidden } from './viewport.js';
import { inSight } from './subscribe.js';
import { inTurn } from './turns.js';
import { notify } from './notices.js';
import { phase, streams } from './store.js';
import { t } from './i18n.js';
import { takeSample } from '../lib/index.js';
import { watchPaths } from './relay.js';

/** @typedef {import('../lib/stats.js').Sample} Sample */
/** @typedef {import('./quality.js').Progress} Progress */
/** @typedef {import('./quality.js').Quality} Quality */

/**
 * @typedef {object} Measured
 * @property {Sample} sample the last one
 * @property {Progress} progress since the one before
 * @property {number[]} rates of the encodings of the picture that we send, bit/s, ascending
 */

/** How long after one measurement the next is made, ms. */
const PERIOD = 2000;
/** How many streams of others are measured at a time: it takes the browser some ms for each. */
const MOST = 12;
/** Our picture has been worse than it could be for so many measurements before that is said: at the start it always is. */
const LIMITED_FOR = 5;

/** What is wrong with the streams in sight, by their ids; those that are good are not in it. */
export const qualities = signal(/** @type {ReadonlyMap<string, Quality>} */ (new Map()));
/** Numbers of the streams in sight, and of our own, by their ids. */
export const measured = signal(/** @type {ReadonlyMap<string, Measured>} */ (new Map()));
/** What our own streams take, kbit/s, by id: one number for each encoding, ascending, joined by `+`. */
export const ownRates = signal(/** @type {ReadonlyMap<string, string>} */ (new Map()));

/**
 * Every stream there is, our own first.
 * @returns {{id: string, own: boolean, name: string, label: string, asked: string, state: string}[]}
 */
export function currentStreams() {
  const own = [...currentConnection()?.up.values() ?? []].map(({ id, label, pc }) => ({ id, own: true, name: '', label, asked: '', state: pc.iceConnectionState }));
  return [...own, ...[...streams.value.values()].map(({ id, username, label, asked, state }) => ({ id, own: false, name: username, label, asked, state }))];
}

/** @type {Map<string, {sample: Sample, asked: string}>} what was measured last */
let last = new Map();
/** How often in a row streams were not good when they were measured. @type {Map<string, number>} */
let suspected = new Map();
/** The streams after this one are measured next. */
let turn = 0;
let limited = 0;
let told = false;

/** @type {Promise<typeof import('./quality.js')> | null} */
let judges = null;

/** What judges the measurements: nobody needs it before the call, and later there may be no server to fetch it from. */
function judging() {
  judges ??= import('./quality.js').catch((e) => {
    judges = null;
    throw e;
  });
  return judges;
}

/** Measures from now on, as long as we are in a call and somebody looks. */
export function watchQuality() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  effect(() => {
    clearTimeout(timer);
    if (phase.value === 'joined') void judging().catch(() => {});
    if (phase.value === 'joined' && !hidden.value) timer = setTimeout(round, PERIOD);
    else forget();
  });
  async function round() {
    await measure().catch((e) => console.warn(e));
    clearTimeout(timer);
    if (phase.peek() === 'joined' && !hidden.peek()) timer = setTimeout(round, PERIOD);
  }
}

function forget() {
  last = new Map();
  suspected = new Map();
  limited = 0;
  if (phase.peek() !== 'joined') told = false;
  publish(new Map(), new Map());
}

/** Takes a sample of everything, of many streams in turn, and compares it with the one before. */
async function measure() {
  const c = currentConnection();
  if (!c) return;
  watchPaths(c);
  const { judge, judgeOwn, progress } = await judging();
  const down = [...c.down.values()].filter((s) => { const stream = streams.peek().get(s.id); return stream && inSight(stream); });
  const all = [...down, ...c.up.values()];
  const chosen = [...inTurn(down, turn, MOST), ...c.up.values()];
  turn += MOST;
  const askedOf = (/** @type {string} */ id) => streams.peek().get(id)?.asked ?? '';
  // What was not measured this time stays as it was. What was asked anew begins with a pause.
  const there = new Set(all.map((s) => s.id).filter((id) => last.get(id)?.asked === askedOf(id)));
  const numbers = new Map([...measured.peek()].filter(([id]) => there.has(id)));
  // One after the other: the browser hands over what it has counted on the thread that also draws the page.
  for (const { id, pc } of chosen) {
    const sample = await takeSample(pc).catch(() => null);
    const before = last.get(id);
    numbers.delete(id);
    last.delete(id);
    if (!sample) continue;
    last.set(id, { sample, asked: askedOf(id) });
    if (before && there.has(id)) numbers.set(id, { sample, progress: progress(before.sample, sample), rates: ratesOf(before.sample, sample) });
  }
  if (c !== currentConnection()) return;
  last = new Map([...last].filter(([id]) => all.some((s) => s.id === id)));
  const found = judge(down.flatMap(({ id, source, label }) => {
    const stream = streams.peek().get(id);
    const its = numbers.get(id);
    return stream && its ? [{ id, source, moving: label === 'camera' && stream.video, thin: stream.asked.includes('quarter-rate'), progress: its.progress }] : [];
  }));
  for (const { id } of c.up.values()) {
    const its = numbers.get(id);
    const own = its ? judgeOwn(its.sample) : null;
    if (own) found.set(id, own);
  }
  suspected = new Map(all.map(({ id }) => [id, suspected.get(id) ?? 0]));
  for (const { id } of chosen) suspected.set(id, found.has(id) ? (suspected.get(id) ?? 0) + 1 : 0);
  // What lasts no longer than one measurement is nobody's concern, unless nothing moves.
  const lasting = new Map([...found].filter(([id, quality]) => quality.frozen || (suspected.get(id) ?? 0) > 1));
  publish(lasting, numbers);
  followUplink([...c.up.values()].map((s) => numbers.get(s.id)?.sample));
}

/**
 * @param {Map<string, Quality>} found
 * @param {Map<string, Measured>} numbers
 */
function publish(found, numbers) {
  if (!same(found, qualities.peek())) qualities.value = found;
  if (numbers.size > 0 || measured.peek().size > 0) measured.value = numbers;
  const rates = new Map([...numbers].filter(([, m]) => m.rates.length > 0).map(([id, m]) => [id, m.rates.map((r) => Math.round(r / 1000)).join('+')]));
  if (!same(rates, ownRates.peek())) ownRates.value = rates;
}

/** @param {ReadonlyMap<string, unknown>} a @param {ReadonlyMap<string, unknown>} b */
function same(a, b) {
  return a.size === b.size && [...a].every(([key, value]) => JSON.stringify(value) === JSON.stringify(b.get(key)));
}

/**
 * @param {Sample} before
 * @param {Sample} after
 * @returns {number[]}
 */
function ratesOf(before, after) {
  return after.sent
    .map((s, i) => ({ s, bits: Math.max(0, s.bytes - (before.sent[i]?.bytes ?? s.bytes)) * 8 }))
    .filter(({ s, bits }) => s.kind === 'video' && s.active && bits > 0)
    .map(({ bits }) => bits * 1000 / Math.max(1, after.time - before.time))
    .sort((a, b) => a - b);
}

/**
 * Says once in a call that our line does not take our picture.
 * @param {(Sample | undefined)[]} sent
 */
function followUplink(sent) {
  limited = sent.some((sample) => sample?.sent.some((s) => s.kind === 'video' && s.active && s.limited)) ? limited + 1 : 0;
  if (told || limited < LIMITED_FOR) return;
  told = true;
  notify('warning', t('quality.reduced'));
}
