// What the page of a measurement receives and shows.

/**
 * @typedef {object} Counts
 * @property {number} frames pictures decoded
 * @property {number} pixels of these
 * @property {number} decoding time that they took, s
 * @property {number} shown pictures that came to the screen
 * @property {number} sound packets of it
 * @property {number} bytes of media
 */

/**
 * Runs in the page.
 * @returns {Promise<Counts>} since the beginning
 */
export async function count() {
  const result = { frames: 0, pixels: 0, decoding: 0, shown: 0, sound: 0, bytes: 0 };
  for (const pc of Object(globalThis).peerConnections) {
    if (pc.signalingState === 'closed') continue;
    (await pc.getStats()).forEach((/** @type {any} */ s) => {
      if (s.type !== 'inbound-rtp') return;
      result.bytes += s.bytesReceived;
      if (s.kind === 'audio') result.sound += s.packetsReceived;
      else {
        result.frames += s.framesDecoded;
        result.pixels += s.framesDecoded * (s.frameWidth ?? 0) * (s.frameHeight ?? 0);
        result.decoding += s.totalDecodeTime ?? 0;
      }
    });
  }
  for (const video of document.querySelectorAll('video')) {
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    result.shown += totalVideoFrames - droppedVideoFrames;
  }
  return result;
}
