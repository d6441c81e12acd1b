// The back button of a phone closes what lies over the call, instead of leaving it.

import { dialog, panel } from './store.js';
import { computed, effect } from '../third-party/signals.js';
import { phone } from './viewport.js';

/** Watches what is open from now on: each sheet has an entry in the history of the window. */
export function closeByBack() {
  const open = computed(() => (phone.value ? Number(panel.value !== '') + Number(dialog.value !== null) : 0));
  /** Entries of ours in the history. */
  let entries = 0;
  /** So many of them we are about to leave. The browser takes a moment for that, and what is added until then it leaves instead, or forgets to go. */
  let leaving = 0;
  function follow() {
    if (leaving > 0) return;
    for (; entries < open.peek(); entries++) history.pushState(null, '');
    leaving = entries - open.peek();
    if (leaving > 0) history.go(-leaving);
  }
  effect(() => {
    void open.value;
    follow();
  });
  globalThis.addEventListener('popstate', () => {
    if (leaving > 0) {
      entries -= leaving;
      leaving = 0;
      follow();
      return;
    }
    if (entries === 0) return;
    entries--;
    if (dialog.value !== null) dialog.value = null;
    else panel.value = '';
  });
}
