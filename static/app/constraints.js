// What is asked of a camera or a microphone. No state.

/** @typedef {import('./settings.js').Settings} Settings */

/**
 * @param {'audio' | 'video'} kind
 * @param {Settings} settings
 * @param {{facingMode?: 'user' | 'environment'}} [wish] a camera by where it looks, instead of the one in the settings
 * @returns {MediaStreamConstraints}
 */
export function constraintsFor(kind, settings, { facingMode } = {}) {
  const id = settings[kind];
  // A device that is gone gives the default one.
  const device = facingMode ? { facingMode: { ideal: facingMode } } : id ? { deviceId: { ideal: id } } : {};
  return kind === 'audio' ? { audio: { ...device, ...processing(settings) } } : { video: { ...device, ...size(settings) } };
}

/**
 * What the browser does to sound; by default everything.
 * @param {Settings} settings
 * @returns {MediaTrackConstraints}
 */
function processing({ preprocessing, echoCancellation, autoGainControl }) {
  if (!preprocessing) return { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  // Chromium takes a sole echoCancellation: false to mean the others, too.
  return echoCancellation && autoGainControl ? {} : { echoCancellation, noiseSuppression: true, autoGainControl };
}

/** @param {Settings} settings @returns {MediaTrackConstraints} */
function size({ resolution, blackboardMode }) {
  if (resolution) return { width: { ideal: resolution[0] }, height: { ideal: resolution[1] } };
  if (blackboardMode) return { width: { min: 640, ideal: 1920 }, height: { min: 400, ideal: 1080 } };
  return { width: { ideal: 1280 }, height: { ideal: 720 } };
}
