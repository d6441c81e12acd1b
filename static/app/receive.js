// What we ask for of the streams of the others.

import { currentConnection } from './session.js';
import { effect, untracked } from '../third-party/signals.js';
import { phase } from './store.js';
import { request } from '../lib/index.js';
import { settings } from './settings.js';

/** @typedef {import('./settings.js').Settings['request']} Receive */
/** @typedef {import('../lib/messages.js').Wanted} Wanted */

/**
 * @param {Receive} setting
 * @returns {Record<string, Wanted[]>} by label of the streams; the empty one is for all others
 */
export function wanted(setting) {
  switch (setting) {
    case '': return { '': [] };
    case 'audio': return { '': ['audio'] };
    case 'screenshare': return { screenshare: ['audio', 'video'], '': ['audio'] };
    case 'everything-low': return { '': ['audio', 'video-low'] };
    default: return { '': ['audio', 'video'] };
  }
}

/** Asks anew whenever the setting changes. */
export function followReceive() {
  let last = settings.peek().request;
  effect(() => {
    const now = settings.value.request;
    if (now === last) return;
    last = now;
    const c = untracked(() => (phase.value === 'joined' ? currentConnection() : null));
    if (c) request(c, wanted(now));
  });
}
