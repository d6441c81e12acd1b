// The back button of a phone closes what lies over the call, instead of leaving it.

import { dialog, panel } from './store.js';
import { effect } from '../third-party/signals.js';
import { phone } from './viewport.js';

/** Watches what is open from now on: each sheet has an entry in the history of the window. */
export function closeByBack() {
  /** Entries of ours in the history. */
  let entries = 0;
  /** Steps back that we make ourselves. */
  let expected = 0;
  effect(() => {
    const open = phone.value ? Number(panel.value !== '') + Number(dialog.value !== null) : 0;
    for (; entries < open; entries++) history.pushState(null, '');
    if (entries > open) {
      expected++;
      history.go(open - entries);
      entries = open;
    }
  });
  globalThis.addEventListener('popstate', () => {
    if (expected > 0) {
      expected--;
      return;
    }
    if (entries === 0) return;
    entries--;
    if (dialog.value !== null) dialog.value = null;
    else panel.value = '';
  });
}
