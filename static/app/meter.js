// How loud a track is.

/** Times per second that a level is read. */
const RATE = 12;

/** @type {AudioContext | null} one for the page: browsers allow few */
let context = null;
/** How many levels are being watched: without any, and without a tone, the context rests. */
let watchers = 0;

function rest() {
  if (watchers === 0) void context?.suspend().catch(() => {});
}

/**
 * Calls fn with the level of a track until it is stopped.
 * @param {MediaStreamTrack} track
 * @param {(level: number) => void} fn gets 0 (silence) to 1
 * @returns {() => void} stops
 */
export function watchLevel(track, fn) {
  context ??= new AudioContext();
  watchers++;
  void context.resume().catch(() => {});
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    fn(levelOf(samples));
  }, 1000 / RATE);
  return () => {
    clearInterval(timer);
    source.disconnect();
    // In Chromium a track holds every stream that it is part of.
    source.mediaStream.removeTrack(track);
    watchers--;
    rest();
  };
}

/**
 * @param {Float32Array} samples between -1 and 1
 * @returns {number} 0 at -60 dB and below, 1 at full scale
 */
export function levelOf(samples) {
  let sum = 0;
  for (const s of samples) sum += s * s;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, 1 + decibels / 60));
}

/**
 * Plays a short tone, so that a person can hear whether the loudspeaker works.
 * @param {string} speaker id of the loudspeaker, empty for the default one; not every browser lets a page choose
 */
export async function playTestTone(speaker) {
  context ??= new AudioContext();
  void context.resume().catch(() => {});
  const able = /** @type {{setSinkId?: (id: string) => Promise<void>}} */ (context);
  await able.setSinkId?.(speaker).catch(() => {});
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  const now = context.currentTime;
  oscillator.frequency.value = 440;
  gain.gain.setValueAtTime(0, now);
  gain.gain.linearRampToValueAtTime(0.2, now + 0.05);
  gain.gain.linearRampToValueAtTime(0, now + 0.6);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(now);
  oscillator.stop(now + 0.6);
  oscillator.onended = rest;
}
