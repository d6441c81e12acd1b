// How our pictures and sound are encoded, given what the person has chosen and what the browser and the room can. No state.

/** @typedef {import('../lib/upstream.js').SendEncodings} SendEncodings */
/** @typedef {'lowest' | 'low' | 'normal' | 'unlimited'} Throughput */
/** @typedef {'auto' | 'on' | 'off'} Simulcast */

/** What a picture may take, bit/s. */
const CAMERA_BITRATE = { lowest: 150_000, low: 300_000, normal: 700_000, unlimited: 1_000_000_000 };
/** Text is sharp or useless. */
const SCREEN_BITRATE = { ...CAMERA_BITRATE, normal: 1_500_000 };
/** The smallest encoding; it is what a row of small tiles shows. */
const SMALLEST_BITRATE = 100_000;
const SMALLEST_SCREEN_FRAMERATE = 5;
/** Below this there is nothing to divide among several encodings. */
const MIN_SIMULCAST_BITRATE = 200_000;
const HIGH_QUALITY_AUDIO_BITRATE = 128_000;
/** The longer side of a picture, pixels, from which there are so many encodings. */
const THREE_FROM = 960;
const TWO_FROM = 480;
/** The first Firefox that does simulcast as it is standardised. */
const FIREFOX_SIMULCAST = 110;
/** With more people than these somebody may want another size than the rest. */
const FEW_PEOPLE = 2;

/**
 * @typedef {object} Circumstances
 * @property {'camera' | 'screenshare' | 'video'} label of the stream
 * @property {Throughput} send
 * @property {boolean} simulcast whether several encodings are wanted
 * @property {boolean} hqaudio
 * @property {string} codec MIME type that the room has chosen before, empty if not known
 * @property {boolean} describes whether the browser can tell the server which layer of AV1 a packet is of
 * @property {number} width of the picture, pixels, 0 if not known
 * @property {number} height
 */

/**
 * @param {Circumstances} c
 * @returns {SendEncodings}
 */
export function encodingsFor(c) {
  const described = c.codec === 'video/AV1' && c.describes;
  return { video: videoEncodings(c), audio: [c.hqaudio ? { maxBitrate: HIGH_QUALITY_AUDIO_BITRATE } : {}], ...(described && { described }) };
}

/** @param {Circumstances} c @returns {RTCRtpEncodingParameters[]} */
function videoEncodings({ label, send, simulcast, codec, describes, width, height }) {
  const screen = label === 'screenshare';
  const limit = (screen ? SCREEN_BITRATE : CAMERA_BITRATE)[send] ?? CAMERA_BITRATE.normal;
  const count = simulcast ? countFor(Math.max(width, height), limit, screen) : 1;
  const layered = codec === 'video/VP9' || codec === 'video/AV1' && describes;
  if (layered && screen) return [{ maxBitrate: limit }];
  if (layered) {
    // The layers of one stream, which the server can tell apart.
    return [{ maxBitrate: limit, ...layers(count > 1 ? `L${count}T3_KEY` : 'L1T3') }];
  }
  if (count === 1) return [{ maxBitrate: limit }];
  // Without a mode Chromium takes several encodings of VP9 for one stream with layers.
  const mode = screen ? {} : layers('L1T3');
  const low = { rid: 'l', scaleResolutionDownBy: 2, maxBitrate: SMALLEST_BITRATE, ...mode };
  const high = { rid: 'h', maxBitrate: limit, ...mode };
  if (screen) return [high, { ...low, maxFramerate: SMALLEST_SCREEN_FRAMERATE }];
  if (count === 2) return [high, low];
  return [high, { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: Math.min(500_000, Math.round(limit / 2)), ...mode }, { ...low, scaleResolutionDownBy: 4 }];
}

/**
 * @param {number} side the longer one, pixels, 0 if not known
 * @param {number} limit bit/s
 * @param {boolean} screen
 */
function countFor(side, limit, screen) {
  if (screen) return side === 0 || side >= THREE_FROM ? 2 : 1;
  if (side > 0 && side < TWO_FROM) return 1;
  return side > 0 && side < THREE_FROM || limit < 2 * MIN_SIMULCAST_BITRATE ? 2 : 3;
}

/**
 * @param {string} scalabilityMode as W3C's "Scalable Video Coding Extension for WebRTC" names them
 * @returns {RTCRtpEncodingParameters} with a member that not every browser knows
 */
function layers(scalabilityMode) {
  return /** @type {RTCRtpEncodingParameters} */ ({ scalabilityMode });
}

/**
 * Whether to send several encodings.
 * @param {object} about
 * @param {Simulcast} about.setting
 * @param {Throughput} about.send
 * @param {boolean} about.leftOut encodings that nobody has use for cost nothing, since the server names them
 * @param {number} about.people in the room, ourselves included
 * @param {string} about.userAgent
 */
export function wantsSimulcast({ setting, send, leftOut, people, userAgent }) {
  if (setting !== 'auto') return setting === 'on';
  const firefox = /Firefox\/(\d+)/.exec(userAgent);
  if (firefox && Number(firefox[1]) < FIREFOX_SIMULCAST) return false;
  return CAMERA_BITRATE[send] >= MIN_SIMULCAST_BITRATE && (leftOut || people > FEW_PEOPLE);
}
