// Who is speaking.

import { audioLevel } from '../lib/index.js';
import { currentConnection } from './session.js';
import { effect } from '../third-party/signals.js';
import { mic, micTrack, phase, speakers } from './store.js';
import { watchLevel } from './meter.js';

/** How long after one reading of the levels the next is made, ms. */
const PERIOD = 200;
/** How long somebody counts as speaking after the last sound, ms. */
const HOLD = 700;
/** Level above which a remote voice counts, 0 to 1 of full scale. */
const REMOTE_THRESHOLD = 0.02;
/** Level of our own microphone above which we speak, on the scale of the meter. */
const OWN_THRESHOLD = 0.55;

/** @type {Map<string, number>} client id, or `self`, to when they were last heard, ms */
const heard = new Map();

/** Watches every voice from now on. */
export function watchActivity() {
  effect(() => {
    const track = micTrack.value;
    if (!track) return;
    return watchLevel(track, (level) => {
      if (mic.peek().on && level > OWN_THRESHOLD) heard.set('self', Date.now());
    });
  });
  void listenForever();
}

async function listenForever() {
  for (;;) {
    await new Promise((resolve) => { setTimeout(resolve, PERIOD); });
    if (phase.peek() === 'joined') await listen();
  }
}

/** Reads the level of everybody once. */
async function listen() {
  const streams = [...currentConnection()?.down.values() ?? []];
  const levels = await Promise.all(streams.map((stream) => audioLevel(stream).catch(() => 0)));
  const now = Date.now();
  streams.forEach((stream, i) => {
    if ((levels[i] ?? 0) > REMOTE_THRESHOLD) heard.set(stream.source, now);
  });
  for (const [id, when] of heard) if (now - when > HOLD) heard.delete(id);
  const before = speakers.peek();
  if (before.size !== heard.size || [...heard.keys()].some((id) => !before.has(id))) speakers.value = new Set(heard.keys());
}
