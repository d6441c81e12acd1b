// The devices that were on at the last join are on again, where the browser does not have to ask.

import { granted } from './devices.js';
import { phase } from './store.js';
import { setCamera, setMic } from './capture.js';
import { settings } from './settings.js';

/** Opens microphone and camera for the preview if both the person and the browser agreed before. */
export async function startDevices() {
  const { startMic, startCamera } = settings.value;
  const [mic, camera] = await Promise.all([granted('microphone'), granted('camera')]);
  if (phase.peek() !== 'prejoin') return;
  await Promise.all([mic && startMic && setMic(true), camera && startCamera && setCamera(true)]);
}
