// Who is speaking.

import { audioEnergy, audioLevel } from '../lib/index.js';
import { currentConnection } from './session.js';
import { computed, effect } from '../third-party/signals.js';
import { mic, micTrack, phase, speakers, users } from './store.js';
import { settings } from './settings.js';
import { shownOrder } from './view.js';
import { inTurn } from './turns.js';
import { CROWD } from './subscribe.js';
import { shownTiles } from './tiles.js';
import { watchLevel } from './meter.js';

/** @typedef {import('../lib/index.js').DownStream} DownStream */

/** How long after one reading of the levels the next is made, ms. */
const PERIOD = 200;
/** How long somebody counts as speaking after the last sound, ms. */
const HOLD = 700;
/** How many streams may be asked at each reading: the browser answers on another thread. */
const READS = 12;
/** The same where that takes long. */
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
/** The streams after these ones are asked next: of all, and of those whose packets do not tell. */
let turn = 0;
let slowTurn = 0;

/** Whether anything on the stage depends on who speaks: a frame, who is large, who is seen at all, or who is smooth. */
const watched = computed(() => settings.value.activityDetection || ['sidebar', 'spotlight'].includes(settings.value.layout)
  || shownOrder.value.length < shownTiles.value.length || shownOrder.value.length > CROWD);

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

/** Reads the level of everybody once, and where they are many of some in turn; of those whose packets do not tell it, of a few. */
async function listen() {
  // Who says that they are muted is not asked.
  const all = [...currentConnection()?.down.values() ?? []].filter((s) => s.label !== 'camera' || users.peek().get(s.source)?.data['muted'] !== true);
  const telling = all.filter((stream) => !untold.has(stream));
  for (const stream of inTurn(telling, turn, READS)) {
    const level = audioLevel(stream);
    if (level === null) untold.add(stream);
    else if (level > REMOTE_THRESHOLD) heard.set(stream.source, Date.now());
  }
  turn += READS;
  const silent = all.filter((stream) => untold.has(stream));
  const asked = inTurn(silent, slowTurn, SLOW_READS);
  slowTurn += SLOW_READS;
  const loud = await Promise.all(asked.map((stream) => wasLoud(stream).catch(() => false)));
  const now = Date.now();
  asked.forEach((stream, i) => { if (loud[i]) heard.set(stream.source, now); });
  // Whoever has to wait for the next turn counts as speaking until then.
  const rounds = Math.max(1, Math.ceil(telling.length / READS), Math.ceil(silent.length / SLOW_READS));
  const hold = HOLD + PERIOD * (rounds - 1);
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
