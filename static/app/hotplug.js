// Devices that are plugged in are offered.

import { chooseDevice } from './capture.js';
import { devices, may, phase } from './store.js';
import { effect, untracked } from '../third-party/signals.js';
import { inCall } from './phase.js';
import { notify } from './notices.js';
import { t } from './i18n.js';

/** Stand for other devices of the list. */
const ALIASES = ['default', 'communications', ''];

/**
 * @param {MediaDeviceInfo[]} before
 * @param {MediaDeviceInfo[]} now
 * @returns {MediaDeviceInfo[]} cameras and microphones that were not there; none as long as the browser hides them
 */
export function added(before, now) {
  const known = new Set(before.map((d) => `${d.kind} ${d.deviceId}`));
  if (!before.some((d) => d.label !== '')) return [];
  return now.filter((d) => d.kind !== 'audiooutput' && d.label !== '' && !ALIASES.includes(d.deviceId) && !known.has(`${d.kind} ${d.deviceId}`));
}

/** Offers them from now on, during the call. */
export function offerNewDevices() {
  let before = devices.peek();
  effect(() => {
    const fresh = added(before, devices.value);
    before = devices.value;
    untracked(() => {
      if (!inCall(phase.value) || !may('present')) return;
      for (const { kind, deviceId, label } of fresh) {
        notify('info', t('device.added', { name: label }), { label: t('device.use'), run: () => void chooseDevice(kind === 'audioinput' ? 'audio' : 'video', deviceId) });
      }
    });
  });
}
