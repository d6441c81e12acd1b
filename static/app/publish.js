// Sending our tracks: microphone and camera as one stream, every shared screen as one more.

import { onCapture, releaseAll, releaseDevices, stopShare } from './capture.js';
import { notify } from './notices.js';
import { t } from './i18n.js';
import { setData, UpStream } from '../lib/index.js';
import { cameraTrack, may, mic, micTrack, shares } from './store.js';

/** @typedef {import('../lib/index.js').ServerConnection} ServerConnection */
/** @typedef {import('./store.js').LocalShare} LocalShare */

/** What our video may take, bit/s. */
const CAMERA_BITRATE = 700_000;
const SCREEN_BITRATE = 1_500_000;

/** @type {ServerConnection | null} the connection we are joined on */
let connection = null;
/** @type {UpStream | null} microphone and camera */
let cameraStream = null;
/** @type {Map<string, UpStream>} by id of the share */
const shareStreams = new Map();
/** What the others believe about our microphone. */
let saidMuted = false;

/** Follows the devices from now on. */
export function startPublishing() {
  onCapture({ camera: () => syncCamera(), muted: sayMuted, shareStarted: publishShare, shareStopped: unpublishShare });
}

/**
 * We have joined: sends what is open. Streams get new ids.
 * @param {ServerConnection} c
 */
export function publishOn(c) {
  connection = c;
  cameraStream = null;
  shareStreams.clear();
  saidMuted = isMuted();
  syncCamera();
  for (const share of shares.value) publishShare(share);
}

/** The connection is gone, and the streams with it; the devices stay open. */
export function unpublish() {
  connection = null;
  cameraStream = null;
  shareStreams.clear();
}

/** The right to present was lost: nothing may be sent any more. */
export function stopPresenting() {
  releaseAll();
}

/** Puts new streams in the place of all that we send. */
export function republish() {
  syncCamera({ anew: true });
  for (const share of shares.value) {
    unpublishShare(share);
    publishShare(share);
  }
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
  const sameKinds = senders.length === tracks.length &&
    tracks.every((track) => senders.some((s) => s.track?.kind === track.kind));
  if (cameraStream && sameKinds && !anew) {
    for (const track of tracks) {
      const sender = senders.find((s) => s.track?.kind === track.kind);
      if (sender && sender.track !== track) void sender.replaceTrack(track);
    }
    return;
  }
  const stream = new UpStream(connection, {
    label: 'camera', media: new MediaStream(tracks), replace: cameraStream?.id, maxVideoBitrate: CAMERA_BITRATE,
  });
  cameraStream = stream;
  stream.on('close', (reason) => {
    if (cameraStream !== stream) return;
    cameraStream = null;
    if (reason === 'failed') notify('error', t('notice.publishFailed'));
    // What nobody receives is not captured either. Why it aborts a stream the server says itself.
    if (reason === 'failed' || reason === 'aborted') releaseDevices();
  });
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
    label: 'screenshare', media: share.media, maxVideoBitrate: SCREEN_BITRATE,
  });
  shareStreams.set(share.id, stream);
  stream.on('close', (reason) => {
    if (shareStreams.get(share.id) !== stream) return;
    shareStreams.delete(share.id);
    if (reason === 'failed' || reason === 'aborted') stopShare(share);
  });
}

/** @param {LocalShare} share */
function unpublishShare(share) {
  shareStreams.get(share.id)?.close();
  shareStreams.delete(share.id);
}
