// What runs inside the pages under test: it remembers their peer connections and measures media.

/**
 * Runs before the page's own scripts.
 * @param {object} [wishes] settings of this person
 */
export function install(wishes = {}) {
  const Real = globalThis.RTCPeerConnection;
  /** @type {RTCPeerConnection[]} */
  const made = [];
  globalThis.RTCPeerConnection = class extends Real {
    /** @param {RTCConfiguration} [configuration] */
    constructor(configuration) {
      super(configuration);
      made.push(this);
    }
  };
  Object.assign(globalThis, { peerConnections: made, violations: [] });
  document.addEventListener('securitypolicyviolation', (e) => {
    Object(globalThis).violations.push(`${e.violatedDirective} ${e.blockedURI}`);
  });
  // Tests press the device buttons themselves.
  const settings = { startMic: false, startCamera: false, ...wishes, ...JSON.parse(localStorage.getItem('settings') ?? '{}') };
  localStorage.setItem('settings', JSON.stringify(settings));
}

/**
 * @typedef {object} Media what a page receives and shows, summed over its open connections
 * @property {number} frames video frames decoded
 * @property {number} energy of the sound received
 * @property {number} received open connections that bring media
 * @property {string[]} ciphers of SRTP, of every connection
 * @property {{key: string, w: number, h: number, time: number, muted: boolean}[]} videos shown, those with a picture
 */

/**
 * Runs in the page.
 * @returns {Promise<Media>}
 */
export async function measure() {
  const result = { frames: 0, energy: 0, received: 0, ciphers: /** @type {string[]} */ ([]) };
  for (const pc of Object(globalThis).peerConnections) {
    if (pc.signalingState === 'closed') continue;
    let brings = false;
    // Firefox never answers for a connection that is closed meanwhile.
    const stats = await Promise.race([pc.getStats(), new Promise((resolve) => { setTimeout(resolve, 1000, []); })]);
    stats.forEach((/** @type {any} */ s) => {
      if (s.type === 'inbound-rtp') {
        brings = true;
        if (s.kind === 'video') result.frames += s.framesDecoded ?? 0;
        else result.energy += s.totalAudioEnergy ?? 0;
      }
      if (s.type === 'transport' && s.srtpCipher) result.ciphers.push(s.srtpCipher);
    });
    if (brings) result.received++;
  }
  const videos = [...document.querySelectorAll('video')].filter((v) => v.videoWidth > 0 && !v.classList.contains('nopicture'))
    .map((v) => ({ key: v.closest('.tile')?.getAttribute('aria-label') ?? '', w: v.videoWidth, h: v.videoHeight, time: v.currentTime, muted: v.muted }));
  return { ...result, videos };
}
