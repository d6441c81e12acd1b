// In the call nothing else says why a microphone or camera stays off.

import { camera, mic, phase } from './store.js';
import { effect, untracked } from '../third-party/signals.js';
import { inCall } from './phase.js';
import { notify, takeBack } from './notices.js';
import { t } from './i18n.js';

/** Tells every failure of a device during the call from now on, until it works or fails in another way. */
export function tellDeviceErrors() {
  for (const device of [mic, camera]) {
    let told = '';
    effect(() => {
      const { on, busy, error } = device.value;
      untracked(() => {
        if (told && (error || on && !busy)) takeBack(told);
        told = error && inCall(phase.value) ? t(error) : told;
        if (error && told) notify('error', told);
      });
    });
  }
}
