// How our streams are encoded now, and when that has to change: follows the settings and the people in the room.

import { encodingsFor, wantsSimulcast } from './encodings.js';
import { canDescribe } from '../lib/index.js';
import { computed, effect, untracked } from '../third-party/signals.js';
import { people } from './roster.js';
import { settings } from './settings.js';

/** @typedef {import('../lib/index.js').ServerConnection} ServerConnection */
/** @typedef {import('../lib/index.js').UpStream} UpStream */
/** @typedef {import('./encodings.js').Circumstances['label']} Label */

/** How long fewer people are waited for to become more again before an encoding less is sent: at least, and at most that much longer, ms. */
const PATIENCE = 10_000;

/** What the room last chose. It is known once a picture was negotiated. */
let codec = '';

/** What the person has chosen, as one value that changes only with that. */
const chosen = computed(() => [settings.value.send, settings.value.simulcast, settings.value.hqaudio].join());

/** Another room may choose another codec. */
export function forgetCodec() {
  codec = '';
}

/**
 * @param {Label} label
 * @param {MediaStreamTrack[]} tracks
 * @param {ServerConnection} connection
 */
export function encodingsNow(label, tracks, connection) {
  const { send, simulcast, hqaudio } = settings.value;
  const { width = 0, height = 0 } = tracks.find((track) => track.kind === 'video')?.getSettings() ?? {};
  const several = wantsSimulcast({
    setting: simulcast, send, leftOut: connection.tellsEncodings, people: people.value.length, userAgent: globalThis.navigator?.userAgent ?? '',
  });
  return encodingsFor({ label, send, simulcast: several, hqaudio, codec, describes: canDescribe(), width, height });
}

/**
 * How many encodings of the picture a stream can send; that cannot change.
 * @param {UpStream} stream
 */
export function encodingsOf(stream) {
  return stream.pc.getSenders().find((s) => s.track?.kind === 'video')?.getParameters().encodings.length ?? 0;
}

/**
 * @param {UpStream} stream that was answered
 * @returns {boolean} whether the room has chosen another codec than was known
 */
export function learnCodec(stream) {
  const chose = stream.pc.getSenders().find((s) => s.track?.kind === 'video')?.getParameters().codecs[0]?.mimeType ?? codec;
  if (chose === codec) return false;
  codec = chose;
  return true;
}

/**
 * Calls `change` when the encodings may have to be others: at once when the person has chosen so or somebody
 * has come, a while after somebody has gone.
 * @param {() => void} change
 */
export function followCircumstances(change) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  let before = people.peek().length;
  let last = chosen.peek();
  effect(() => {
    const wanted = chosen.value;
    const now = people.value.length;
    if (waiting) clearTimeout(waiting);
    waiting = undefined;
    const fewer = now < before && wanted === last;
    before = now;
    last = wanted;
    // Nobody is left when we are gone ourselves.
    if (now === 0) return;
    if (!fewer) {
      untracked(change);
      return;
    }
    waiting = setTimeout(() => {
      waiting = undefined;
      change();
    }, PATIENCE * (1 + Math.random()));
  });
}
