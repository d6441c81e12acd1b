// What the window is like: phone or desk, full screen or not.

import { signal } from '../third-party/signals.js';

/** Narrow windows get the layout of a phone. */
export const phone = signal(false);
export const fullScreen = signal(false);

/** Follows the window from now on. */
export function watchViewport() {
  const narrow = matchMedia('(max-width: 599px)');
  phone.value = narrow.matches;
  narrow.addEventListener('change', () => { phone.value = narrow.matches; });
  document.addEventListener('fullscreenchange', () => { fullScreen.value = document.fullscreenElement !== null; });
}

/** @param {Element} [element] the whole page if absent */
export function toggleFullScreen(element = document.documentElement) {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void element.requestFullscreen?.().catch(() => {});
}

/**
 * Keeps the screen of the device lit. Browsers end that whenever the page is hidden, so it is asked for again.
 * @returns {() => void} lets the screen go dark again
 */
export function keepAwake() {
  const ended = new AbortController();
  async function hold() {
    if (document.visibilityState !== 'visible') return;
    try {
      const lock = await navigator.wakeLock.request('screen');
      const release = () => void lock.release().catch(() => {});
      if (ended.signal.aborted) release();
      else ended.signal.addEventListener('abort', release, { once: true });
    } catch {
      return;
    }
  }
  document.addEventListener('visibilitychange', hold, { signal: ended.signal });
  void hold();
  return () => ended.abort();
}
