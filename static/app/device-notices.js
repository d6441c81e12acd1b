// In the call nothing else says why a microphone or camera stays off.

import { camera, mic, phase } from './store.js';
import { effect, untracked } from '../third-party/signals.js';
import { inCall } from './phase.js';
import { notify } from './notices.js';
import { t } from './i18n.js';

/** Tells every failure of a device during the call from now on. */
export function tellDeviceErrors() {
  for (const device of [mic, camera]) {
    effect(() => {
      const { error } = device.value;
      if (error && inCall(phase.peek())) untracked(() => notify('error', t(error)));
    });
  }
}
