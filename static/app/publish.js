// Sending our tracks: microphone and camera as one stream, every shared screen as one more.

import { onCapture, releaseAll, releaseDevices, stopFile, stopShare } from './capture.js';
import { notify } from './notices.js';
import { t } from './i18n.js';
import { setData, UpStream } from '../lib/index.js';
import { cameraTrack, may, mic, micTrack, playedFiles, sentStates, shares } from './store.js';
import { followRelay } from './relay.js';
import { encodingsNow, encodingsOf, followCircumstances, forgetCodec, learnCodec } from './sending.js';

/** @typedef {import('../lib/index.js').ServerConnection} ServerConnection */
/** @typedef {import('./store.js').LocalShare} LocalShare */

/** @type {ServerConnection | null} the connection we are joined on */
let connection = null;
/** @type {UpStream | null} microphone and camera */
let cameraStream = null;
/** @type {Map<string, UpStream>} by id of the share */
const shareStreams = new Map();
/** The group whose choice of codec is known. */
let joined = '';
/** What the others believe about our microphone. */
let saidMuted = false;

let following = false;

/** Follows the devices from now on, and what their streams should be like. */
export function startPublishing() {
  if (!following) {
    followCircumstances(reconsider);
    followRelay(() => connection);
  }
  following = true;
  onCapture({ camera: () => syncCamera(), muted: sayMuted, shareStarted: publishShare, shareStopped: unpublishShare });
}

/**
 * We have joined: sends what is open. Streams get new ids.
 * @param {ServerConnection} c
 */
export function publishOn(c) {
  if (c.group !== joined) forgetCodec();
  joined = c.group;
  connection = c;
  cameraStream = null;
  shareStreams.clear();
  saidMuted = isMuted();
  syncCamera();
  for (const share of besides()) publishShare(share);
}

/** What we send beside the camera. @returns {LocalShare[]} */
function besides() {
  return [...shares.value, ...playedFiles.value.filter((file) => file.media.getTracks().length > 0)];
}

/** The connection is gone, and the streams with it. Devices and screens stay open for when we are back: nobody is to choose anew. */
export function unpublish() {
  connection = null;
  cameraStream = null;
  shareStreams.clear();
  sentStates.value = new Map();
}

/** The right to present was lost: nothing may be sent any more. */
export function stopPresenting() {
  releaseAll();
}

/**
 * The stream by which the others get what a tile of ours shows.
 * @param {string} key of the tile
 * @returns {string} its id; empty for none
 */
export function sentStream(key) {
  const stream = key === 'self' ? cameraStream : shareStreams.get(key.replace(/^(share|file):/, ''));
  return stream?.id ?? '';
}

/** Puts new streams in the place of all that we send. */
export function republish() {
  syncCamera({ anew: true });
  for (const share of besides()) publishShare(share);
}

/** Our microphone is open but silent. */
export function isMuted() {
  return micTrack.value !== null && !mic.value.on;
}

/**
 * Makes the stream carry exactly the tracks that are open. Another track of the same kind takes the
 * place of the old one without the others noticing; a kind that comes or goes needs another stream.
 * @param {{anew?: boolean}} [options] anew: another stream in any case
 */
function syncCamera({ anew = false } = {}) {
  sayMuted();
  if (!connection) return;
  const tracks = may('present') ? [micTrack.value, cameraTrack.value].filter((track) => track !== null) : [];
  if (tracks.length === 0) {
    cameraStream?.close();
    cameraStream = null;
    return;
  }
  const senders = cameraStream?.pc.getSenders() ?? [];
  const encodings = encodingsNow('camera', tracks, connection);
  const picture = tracks.some((track) => track.kind === 'video');
  const sameKinds = senders.length === tracks.length &&
    tracks.every((track) => senders.some((s) => s.track?.kind === track.kind));
  const sameEncodings = !picture || !cameraStream || encodings.video?.length === encodingsOf(cameraStream);
  if (cameraStream && sameKinds && sameEncodings && !anew) {
    for (const track of tracks) {
      const sender = senders.find((s) => s.track?.kind === track.kind);
      if (sender && sender.track !== track) void sender.replaceTrack(track);
    }
    return;
  }
  const media = new MediaStream(tracks);
  const stream = new UpStream(connection, { label: 'camera', media, replace: cameraStream?.id, encodings });
  // In Chromium a track holds every stream that it is part of: the microphone would hold all the cameras there were.
  for (const track of tracks) media.removeTrack(track);
  cameraStream = stream;
  followState(stream, 'self', () => syncCamera({ anew: true }));
  stream.on('close', (reason) => {
    if (cameraStream !== stream) return;
    noteState('self');
    cameraStream = null;
    if (reason === 'failed') notify('error', t('notice.publishFailed'));
    // What nobody receives is not captured either. Why it aborts a stream the server says itself.
    if (reason === 'failed' || reason === 'aborted') releaseDevices();
  });
}

/** What we send may have to be encoded in another way: in place if that is possible, else by other streams. */
function reconsider() {
  const c = connection;
  if (!c) return;
  const tracks = [micTrack.value, cameraTrack.value].filter((track) => track !== null);
  if (cameraStream) retune(cameraStream, encodingsNow('camera', tracks, c), () => syncCamera({ anew: true }));
  for (const share of besides()) {
    const stream = shareStreams.get(share.id);
    if (!stream) continue;
    retune(stream, encodingsNow(share.label, share.media.getTracks(), c), () => publishShare(share));
  }
}

/**
 * @param {UpStream} stream
 * @param {import('../lib/upstream.js').SendEncodings} encodings
 * @param {() => void} anew puts another stream in its place
 */
function retune(stream, encodings, anew) {
  const count = encodingsOf(stream);
  if (count > 0 && encodings.video && encodings.video.length !== count) anew();
  else void stream.changeEncodings(encodings);
}

/**
 * @param {UpStream} stream that begins, perhaps in the place of another
 * @param {string} key of its tile
 * @param {() => void} anew puts another stream in its place
 */
function followState(stream, key, anew) {
  // What takes the place of another stream is as that one was until it has a way of its own.
  let successor = sentStates.peek().has(key);
  if (!successor) noteState(key, stream.pc.iceConnectionState);
  stream.on('state', (state) => {
    if (successor && state === 'checking') return;
    successor = false;
    noteState(key, state);
  });
  stream.on('spent', anew);
  stream.on('negotiated', () => { if (learnCodec(stream)) reconsider(); });
}

/**
 * Notes how the way of a stream of ours is.
 * @param {string} key of its tile
 * @param {RTCIceConnectionState} [state] absent when it has ended
 */
function noteState(key, state) {
  const states = new Map(sentStates.peek());
  if (state) states.set(key, state);
  else states.delete(key);
  sentStates.value = states;
}

/** Lets the others know when our microphone is open but silent. */
function sayMuted() {
  if (!connection || saidMuted === isMuted()) return;
  saidMuted = isMuted();
  setData(connection, { muted: saidMuted || null });
}

/** @param {LocalShare} share */
function publishShare(share) {
  if (!connection || !may('present')) return;
  const stream = new UpStream(connection, {
    label: share.label, media: share.media, encodings: encodingsNow(share.label, share.media.getTracks(), connection),
    replace: shareStreams.get(share.id)?.id,
  });
  shareStreams.set(share.id, stream);
  const key = `${share.label === 'video' ? 'file' : 'share'}:${share.id}`;
  followState(stream, key, () => publishShare(share));
  stream.on('state', (state) => { if (state === 'connected' || state === 'completed') share.connected?.(); });
  stream.on('close', (reason) => {
    if (shareStreams.get(share.id) !== stream) return;
    noteState(key);
    shareStreams.delete(share.id);
    if (reason !== 'failed' && reason !== 'aborted') return;
    stopShare(share);
    stopFile(share.id);
  });
}

/** @param {LocalShare} share */
function unpublishShare(share) {
  shareStreams.get(share.id)?.close();
  shareStreams.delete(share.id);
}
