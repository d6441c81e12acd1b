// Our microphone, camera and shared screens: opening, switching and releasing them.
// What becomes of the tracks is told to whoever called onCapture().

import { deviceErrorKey, openDevice, refreshDevices } from './devices.js';
import { randomId } from '../lib/index.js';
import { changeSettings, settings } from './settings.js';
import { camera, cameraTrack, mic, micTrack, shares } from './store.js';

/** @typedef {import('./store.js').LocalShare} LocalShare */

/**
 * @typedef {object} CaptureListener
 * @property {() => void} camera the tracks of microphone or camera are other ones than before
 * @property {() => void} muted the microphone was muted or unmuted
 * @property {(share: LocalShare) => void} shareStarted
 * @property {(share: LocalShare) => void} shareStopped
 */

/** @type {CaptureListener} */
let listener = { camera() {}, muted() {}, shareStarted() {}, shareStopped() {} };

/** @param {CaptureListener} l */
export function onCapture(l) {
  listener = l;
}

const sides = {
  audio: { device: mic, track: micTrack, setting: /** @type {const} */ ('audio') },
  video: { device: camera, track: cameraTrack, setting: /** @type {const} */ ('video') },
};

/**
 * Opens the microphone or the camera. If it cannot be had, the state says why.
 * @param {'audio' | 'video'} kind
 * @returns {Promise<boolean>} whether it is open now
 */
async function open(kind) {
  const { device, track, setting } = sides[kind];
  if (device.value.busy) return false;
  device.value = { on: true, busy: true, error: '' };
  try {
    const opened = await openDevice(kind, settings.value[setting]);
    if (!device.value.on) {
      opened.stop();
      device.value = { on: false, busy: false, error: '' };
      return false;
    }
    track.value?.stop();
    track.value = opened;
    opened.addEventListener('ended', () => lost(kind, opened));
    device.value = { on: true, busy: false, error: '' };
  } catch (e) {
    device.value = { on: false, busy: false, error: deviceErrorKey(kind, e) };
    return false;
  }
  void refreshDevices();
  listener.camera();
  return true;
}

/**
 * Releases the microphone or the camera.
 * @param {'audio' | 'video'} kind
 */
function release(kind) {
  const { device, track } = sides[kind];
  device.value = { ...device.value, on: false, error: '' };
  if (!track.value) return;
  track.value.stop();
  track.value = null;
  listener.camera();
}

/**
 * The device ended by itself: unplugged, or taken away by the browser.
 * @param {'audio' | 'video'} kind
 * @param {MediaStreamTrack} ended
 */
function lost(kind, ended) {
  const { device, track } = sides[kind];
  if (track.value !== ended) return;
  track.value = null;
  device.value = { on: false, busy: false, error: deviceErrorKey(kind, new DOMException('', 'NotFoundError')) };
  listener.camera();
}

/**
 * Switches the microphone. Once open it is muted rather than released, so that it can speak again at once.
 * @param {boolean} on
 * @param {{keepOpen?: boolean}} [options] keepOpen: off means muted
 */
export async function setMic(on, { keepOpen = true } = {}) {
  const track = micTrack.value;
  if (!track || (!on && !keepOpen)) return on ? open('audio') : release('audio');
  track.enabled = on;
  mic.value = { on, busy: false, error: '' };
  listener.muted();
}

/** @param {boolean} on */
export async function setCamera(on) {
  if (on) await open('video');
  else release('video');
}

/**
 * Chooses a device; if one of its kind is open, that one is replaced.
 * @param {'audio' | 'video'} kind
 * @param {string} deviceId
 */
export async function chooseDevice(kind, deviceId) {
  changeSettings({ [sides[kind].setting]: deviceId });
  const muted = kind === 'audio' && micTrack.value !== null && !micTrack.value.enabled;
  if (sides[kind].track.value) await open(kind);
  if (muted) await setMic(false);
}

/** Whether this browser can share a screen. */
export function canShare() {
  return Boolean(globalThis.navigator?.mediaDevices?.getDisplayMedia);
}

/**
 * Lets the person choose a screen or window, and shares it.
 * @returns {Promise<'shared' | 'cancelled'>} rejected if the browser cannot
 */
export async function startShare() {
  let media;
  try {
    media = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: true });
  } catch (e) {
    if (e instanceof Error && e.name === 'NotAllowedError') return 'cancelled';
    throw e;
  }
  const share = { id: randomId(), media };
  for (const track of media.getTracks()) track.addEventListener('ended', () => stopShare(share));
  shares.value = [...shares.value, share];
  listener.shareStarted(share);
  return 'shared';
}

/** @param {LocalShare} share */
export function stopShare(share) {
  if (!shares.value.includes(share)) return;
  shares.value = shares.value.filter((s) => s !== share);
  for (const track of share.media.getTracks()) track.stop();
  listener.shareStopped(share);
}

/** Releases every device and screen. */
export function releaseAll() {
  for (const share of shares.value) stopShare(share);
  release('audio');
  release('video');
}
