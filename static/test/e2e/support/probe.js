// What runs inside the pages under test: it remembers their peer connections and measures media.

/**
 * Runs before the page's own scripts.
 * @param {object} [wishes] settings of this person
 */
export function install(wishes = {}) {
  // A page that is still empty has no storage.
  if (!location.protocol.startsWith('http')) return;
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
  // Tests press the device buttons themselves, and mostly look at what comes of a picture, not at how large it is.
  const settings = { startMic: false, startCamera: false, resolution: [640, 360], ...wishes, ...JSON.parse(localStorage.getItem('settings') ?? '{}') };
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

/**
 * @typedef {object} Arriving what comes of one stream, by what the receivers have counted
 * @property {number} width of the pictures decoded, pixels; 0 before the first
 * @property {number} packets of pictures
 * @property {number} frames decoded
 * @property {number} sound packets of it
 */

/**
 * Runs in the page.
 * @returns {Promise<Record<string, Arriving>>} by the name of who is in the tile
 */
export async function measureTiles() {
  /** @type {Record<string, Arriving>} */
  const result = {};
  for (const video of document.querySelectorAll('.tile:not(.me) video')) {
    const media = /** @type {HTMLVideoElement} */ (video).srcObject;
    const name = /^[^,]*/.exec(video.closest('.tile')?.getAttribute('aria-label') ?? '')?.[0] ?? '';
    const tracks = media instanceof MediaStream ? media.getTracks() : [];
    for (const pc of Object(globalThis).peerConnections) {
      if (pc.signalingState === 'closed') continue;
      for (const { track } of pc.getReceivers()) {
        if (!tracks.includes(track)) continue;
        (await pc.getStats(track)).forEach((/** @type {any} */ s) => {
          if (s.type !== 'inbound-rtp') return;
          const tile = result[name] ??= { width: 0, packets: 0, frames: 0, sound: 0 };
          if (s.kind === 'video') Object.assign(tile, { width: s.frameWidth ?? 0, packets: s.packetsReceived, frames: s.framesDecoded });
          else tile.sound = s.packetsReceived;
        });
      }
    }
  }
  return result;
}

/**
 * Runs in the page: what is to happen after so long happens once the answer is called.
 * @param {number} delay ms
 * @returns {() => void}
 */
export function holdTimers(delay) {
  const { setTimeout } = globalThis;
  /** @type {(() => void)[]} */
  const held = [];
  Object.assign(globalThis, {
    setTimeout: (/** @type {() => void} */ act, /** @type {number} */ ms, /** @type {unknown[]} */ ...rest) => (ms === delay ? held.push(act) : setTimeout(act, ms, ...rest)),
  });
  return () => held.forEach((act) => act());
}

/**
 * Runs in the page: the next message of a kind is sent only once the answer is called.
 * @param {string} kind
 * @returns {() => void}
 */
export function holdQuestion(kind) {
  const { send } = WebSocket.prototype;
  let release = () => {};
  WebSocket.prototype.send = function hold(data) {
    if (typeof data !== 'string' || !data.includes(`"${kind}"`)) {
      send.call(this, data);
      return;
    }
    WebSocket.prototype.send = send;
    release = () => send.call(this, data);
  };
  return () => release();
}
