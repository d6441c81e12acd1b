// What the window is like: phone or desk, full screen or not.

import { signal } from '../third-party/signals.js';

/** Narrow windows get the layout of a phone. */
export const phone = signal(false);
export const fullScreen = signal(false);
/** Nobody sees the page. */
export const hidden = signal(false);
/** Keys of the tile that fills the screen, and of the one that has a window of its own; empty for none. */
export const enlarged = signal({ screen: '', window: '' });

/** A window of fewer device pixels is small: a dozen tiles of it come in the smallest encoding already. */
const SMALL_WINDOW = 1_600_000;

/** How many tiles a page of a grid has at most: with more there would be more to do than for a dozen. */
export function mostTiles() {
  if ((globalThis.navigator?.hardwareConcurrency || 8) <= 4) return 20;
  const { innerWidth: w = 1920, innerHeight: h = 1080, devicePixelRatio: density = 1 } = globalThis;
  return w * h * density ** 2 < SMALL_WINDOW ? 30 : 49;
}

/** Follows the window from now on. */
export function watchViewport() {
  // A phone that lies on its side is wide, and low.
  const narrow = matchMedia('(max-width: 599px), (max-height: 499px) and (orientation: landscape)');
  phone.value = narrow.matches;
  narrow.addEventListener('change', () => { phone.value = narrow.matches; });
  const visibility = () => { hidden.value = document.visibilityState === 'hidden'; };
  document.addEventListener('visibilitychange', visibility);
  visibility();
  for (const event of ['fullscreenchange', 'webkitfullscreenchange']) {
    document.addEventListener(event, () => {
      fullScreen.value = fullScreenElement() !== null;
      enlarge();
    });
  }
  followKeyboard();
  for (const event of ['enterpictureinpicture', 'leavepictureinpicture']) document.addEventListener(event, enlarge, true);
}

/** Some browsers lay the keyboard of the screen over the page: how high it is, is known to the style sheets. */
function followKeyboard() {
  const view = globalThis.visualViewport;
  if (!view) return;
  const follow = () => {
    // Who has zoomed in sees a part of the page, too.
    const height = view.scale > 1.01 ? 0 : Math.max(0, Math.round(innerHeight - view.height - view.offsetTop));
    document.documentElement.style.setProperty('--keyboard', `${height}px`);
  };
  view.addEventListener('resize', follow);
  view.addEventListener('scroll', follow);
  follow();
}

function enlarge() {
  const screen = keyOf(fullScreenElement());
  const window = keyOf(document.pictureInPictureElement);
  if (screen !== enlarged.value.screen || window !== enlarged.value.window) enlarged.value = { screen, window };
}

/** @param {Element | null} element @returns {string} key of the tile that it is, or is in */
function keyOf(element) {
  const tile = element?.closest('.tile');
  return tile instanceof HTMLElement ? tile.dataset['key'] ?? '' : '';
}

/** Whether this browser gives a picture a window of its own. */
export function canFloat() {
  return document.pictureInPictureEnabled === true;
}

/**
 * Gives a picture a window that stays over those of other programs, or takes it back.
 * @param {HTMLVideoElement | null | undefined} video
 * @returns {Promise<boolean>} whether it worked
 */
export async function toggleWindow(video) {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else if (video && video.readyState > 0) await video.requestPictureInPicture();
    else return false;
    return true;
  } catch {
    return false;
  }
}

/**
 * What Safari calls by names of its own; on its phones nothing but a picture fills the screen.
 * @typedef {object} Prefixed
 * @property {Element | null} [webkitFullscreenElement]
 * @property {() => void} [webkitExitFullscreen]
 * @property {() => void} [webkitRequestFullscreen]
 * @property {() => void} [webkitEnterFullscreen]
 */

/** @returns {Element | null} what fills the screen */
export function fullScreenElement() {
  return document.fullscreenElement ?? /** @type {Prefixed} */ (document).webkitFullscreenElement ?? null;
}

/** @param {Element} [element] the whole page if absent */
export function toggleFullScreen(element = document.documentElement) {
  const page = /** @type {Document & Prefixed} */ (document);
  const old = /** @type {Prefixed} */ (element);
  if (page.fullscreenElement) void page.exitFullscreen();
  else if (page.webkitFullscreenElement) page.webkitExitFullscreen?.();
  else if (typeof element.requestFullscreen === 'function') void element.requestFullscreen().catch(() => {});
  else if (old.webkitRequestFullscreen) old.webkitRequestFullscreen();
  else /** @type {Prefixed | null} */ (element.querySelector('video'))?.webkitEnterFullscreen?.();
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
