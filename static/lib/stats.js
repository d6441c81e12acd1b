// What the browser measures of a stream.

/** @typedef {import('./downstream.js').DownStream} DownStream */

/**
 * How loud a stream of somebody else is now.
 * @param {DownStream} stream
 * @returns {Promise<number>} 0 to 1 of full scale; 0 without sound
 */
export async function audioLevel(stream) {
  let level = 0;
  for (const receiver of stream.pc.getReceivers()) {
    if (receiver.track.kind !== 'audio') continue;
    (await receiver.getStats()).forEach((s) => {
      if (s.type === 'inbound-rtp') level = Math.max(level, s.audioLevel ?? 0);
    });
  }
  return level;
}
