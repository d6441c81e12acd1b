// What we ask for of the streams of the others.

/** @typedef {import('./settings.js').Settings['request']} Receive */
/** @typedef {import('../lib/messages.js').Wanted} Wanted */

/** Some browsers have WebRTC switched off. */
export const canReceive = () => 'RTCPeerConnection' in globalThis;

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
