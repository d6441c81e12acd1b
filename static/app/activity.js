// Who is speaking.

import { audioEnergy, audioLevel } from '../lib/index.js';
import { currentConnection } from './session.js';
import { computed, effect } from '../third-party/signals.js';
import { mic, micTrack, phase, speakers } from './store.js';
import { settings } from './settings.js';
import { shownOrder } from './view.js';
import { shownTiles } from './tiles.js';
import { watchLevel } from './meter.js';

/** @typedef {import('../lib/index.js').DownStream} DownStream */

/** How long after one reading of the levels the next is made, ms. */
const PERIOD = 200;
/** How long somebody counts as speaking after the last sound, ms. */
const HOLD = 700;
/** How many streams may be asked at each reading where that takes long. */
const SLOW_READS = 5;
/** Level above which a remote voice counts, 0 to 1 of full scale. */
const REMOTE_THRESHOLD = 0.02;
/** Level of our own microphone above which we speak, on the scale of the meter. */
const OWN_THRESHOLD = 0.55;

/** @type {Map<string, number>} client id, or `self`, to when they were last heard, ms */
const heard = new Map();
/** @type {WeakMap<DownStream, {energy: number, duration: number}>} what streams had when they were last asked */
const energies = new WeakMap();
/** Those whose packets do not tell: they are not asked in vain again. @type {WeakSet<DownStream>} */
const untold = new WeakSet();
/** The stream after this one is asked next. */
let turn = 0;

/** Whether anything on the stage depends on who speaks: a frame, who is large, or who is seen at all. */
const watched = computed(() => settings.value.activityDetection || ['sidebar', 'spotlight'].includes(settings.value.layout)
  || shownOrder.value.length < shownTiles.value.length);

/** Watches every voice from now on. */
export function watchActivity() {
  effect(() => {
    const track = micTrack.value;
    if (!track || !watched.value) return;
    return watchLevel(track, (level) => {
      if (mic.peek().on && level > OWN_THRESHOLD) heard.set('self', Date.now());
    });
  });
  void listenForever();
}

async function listenForever() {
  for (;;) {
    await new Promise((resolve) => { setTimeout(resolve, PERIOD); });
    if (phase.peek() === 'joined' && watched.peek()) await listen();
    else if (speakers.peek().size > 0) speakers.value = new Set();
  }
}

/** Reads the level of everybody once; of those whose packets do not tell it, of a few in turn. */
async function listen() {
  /** @type {DownStream[]} */
  const silent = [];
  for (const stream of currentConnection()?.down.values() ?? []) {
    const level = untold.has(stream) ? null : audioLevel(stream);
    if (level === null) {
      untold.add(stream);
      silent.push(stream);
    } else if (level > REMOTE_THRESHOLD) {
      heard.set(stream.source, Date.now());
    }
  }
  const count = Math.min(SLOW_READS, silent.length);
  const asked = Array.from({ length: count }, (_, i) => silent[(turn + i) % silent.length]).filter((s) => s !== undefined);
  turn = silent.length > 0 ? (turn + count) % silent.length : 0;
  const loud = await Promise.all(asked.map((stream) => wasLoud(stream).catch(() => false)));
  const now = Date.now();
  asked.forEach((stream, i) => { if (loud[i]) heard.set(stream.source, now); });
  // Whoever has to wait for the next turn counts as speaking until then.
  const hold = HOLD + PERIOD * (Math.ceil(silent.length / SLOW_READS) - 1);
  for (const [id, when] of heard) if (now - when > hold) heard.delete(id);
  const before = speakers.peek();
  if (before.size !== heard.size || [...heard.keys()].some((id) => !before.has(id))) speakers.value = new Set(heard.keys());
}

/**
 * Whether somebody has spoken since they were last asked about.
 * @param {DownStream} stream
 */
async function wasLoud(stream) {
  const before = energies.get(stream);
  const now = await audioEnergy(stream);
  energies.set(stream, now);
  const seconds = now.duration - (before?.duration ?? now.duration);
  return before !== undefined && seconds > 0 && Math.sqrt((now.energy - before.energy) / seconds) > REMOTE_THRESHOLD;
}
