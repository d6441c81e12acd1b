// Choosing a loudspeaker where the browser asks for it itself.

import { refreshDevices } from './devices.js';

/** @returns {Promise<string>} id of the loudspeaker that the person chooses; rejected if they think better of it */
export async function askForOutput() {
  const able = /** @type {{selectAudioOutput: () => Promise<MediaDeviceInfo>}} */ (/** @type {unknown} */ (navigator.mediaDevices));
  const { deviceId } = await able.selectAudioOutput();
  await refreshDevices();
  return deviceId;
}
