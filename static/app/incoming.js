// The streams of the others: what the library receives into the store.

import { streams } from './store.js';

/** @typedef {import('../lib/index.js').DownStream} DownStream */
/** @typedef {import('./store.js').RemoteStream} RemoteStream */

/** How long a picture that is asked for again has a tile while it does not come, ms. */
const PATIENCE = 15_000;

let arrivals = 0;

/**
 * Follows a stream from its first offer to its end.
 * @param {DownStream} down
 */
export function gotStream(down) {
  patch(down.id, {
    id: down.id, key: `stream:${down.id}`, label: down.label, source: down.source, username: down.username,
    media: down.media, audio: false, video: false, paused: false, asked: '', state: 'new', since: ++arrivals,
  });
  down.on('media', (media) => {
    const video = media.getVideoTracks().length > 0;
    const old = streams.value.get(down.id);
    patch(down.id, {
      audio: media.getAudioTracks().length > 0, video, paused: old !== undefined && (video ? old.asked === 'audio' : old.paused || old.video && asksForSoundOnly(old)),
    });
  });
  down.on('state', (state) => patch(down.id, { state }));
  down.on('replaced', (successor) => {
    const old = streams.value.get(down.id);
    if (!old) return;
    // Its first offer has what was asked of the old one, and later ones have not.
    patch(successor.id, { key: old.key, since: old.since, paused: old.paused && old.asked !== '', asked: old.asked && '?' });
  });
  down.on('close', () => {
    if (streams.value.get(down.id)?.media === down.media) drop(down.id);
  });
}

/** @param {RemoteStream} stream */
function asksForSoundOnly({ asked }) {
  return asked === 'audio' || asked === '?';
}

/**
 * Notes what we ask of a stream. Without the tiles of a page that is turned to, it would turn back.
 * @param {string} id
 * @param {string} asked
 */
export function setAsked(id, asked) {
  const { video = false, paused = false, wait } = streams.value.get(id) ?? {};
  clearTimeout(wait);
  patch(id, asked === 'audio' ? { asked, paused: video || paused } : { asked, wait: paused ? setTimeout(() => patch(id, { paused: false }), PATIENCE) : undefined });
}

/** Forgets every stream: they belong to a connection that is gone. */
export function dropStreams() {
  streams.value = new Map();
}

/**
 * @param {string} id
 * @param {Partial<RemoteStream>} change
 */
function patch(id, change) {
  const map = new Map(streams.value);
  const old = map.get(id);
  if (!old && !change.media) return;
  map.set(id, /** @type {RemoteStream} */ ({ ...old, ...change }));
  streams.value = map;
}

/** @param {string} id */
function drop(id) {
  const map = new Map(streams.value);
  map.delete(id);
  streams.value = map;
}
