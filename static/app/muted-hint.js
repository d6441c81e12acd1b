// Says so when somebody speaks into a muted microphone. Only the level of a copy of the track is looked at, and only here: nothing of it is
// kept or sent.

import { effect, untracked } from '../third-party/signals.js';
import { keyHint } from './shortcuts.js';
import { mic, micTrack, phase } from './store.js';
import { notify } from './notices.js';
import { settings } from './settings.js';
import { t } from './i18n.js';
import { watchLevel } from './meter.js';

/** What counts as speech: 30 dB below full scale, as levelOf() gives it. */
const SPEECH = 0.5;
/** How long it has to last, and how long the pauses between words may be, ms. */
const LONG_ENOUGH = 500;
const PAUSE = 250;
/** How long nothing is said again, ms. */
const QUIET = 30_000;

/** Recognises speech in levels. */
export class SpeechDetector {
  #since = -Infinity;
  #last = -Infinity;
  #said = -Infinity;

  /**
   * @param {number} level 0 to 1
   * @param {number} now ms
   * @returns {boolean} whether it is time to say something
   */
  heard(level, now) {
    if (level < SPEECH) return false;
    if (now - this.#last > PAUSE) this.#since = now;
    this.#last = now;
    if (now - this.#since < LONG_ENOUGH || now - this.#said < QUIET) return false;
    this.#said = now;
    return true;
  }
}

/** Listens whenever the microphone is muted in a call, if the person has not declined that. */
export function watchMutedSpeech() {
  const detector = new SpeechDetector();
  effect(() => {
    const track = micTrack.value;
    if (!track || mic.value.on || !settings.value.mutedHint || phase.value !== 'joined') return undefined;
    const copy = track.clone();
    copy.enabled = true;
    const stop = untracked(() => watchLevel(copy, (level) => {
      if (detector.heard(level, performance.now())) notify('info', hint());
    }));
    return () => {
      stop();
      copy.stop();
    };
  });
}

function hint() {
  const key = keyHint('mic');
  // Its text speaks of the space bar.
  return key && keyHint('talk') === ' ' ? t('notice.speakingMuted', { key }) : t('notice.speakingMutedNoKeys');
}
