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

/** `opening` counts the attempts, so that one that was overtaken can tell. */
const sides = {
  audio: { device: mic, track: micTrack, setting: /** @type {const} */ ('audio'), opening: 0 },
  video: { device: camera, track: cameraTrack, setting: /** @type {const} */ ('video'), opening: 0 },
};

/**
 * Opens the microphone or the camera. If it cannot be had, the state says why.
 * @param {'audio' | 'video'} kind
 * @param {boolean} [on] false for a microphone that stays muted: it must not be heard even for a moment
 */
async function open(kind, on = true) {
  const side = sides[kind];
  if (side.device.value.busy) return;
  const attempt = ++side.opening;
  side.device.value = { on, busy: true, error: '' };
  let opened;
  try {
    opened = await openDevice(kind, settings.value[side.setting]);
  } catch (e) {
    if (attempt === side.opening) side.device.value = { on: false, busy: false, error: deviceErrorKey(kind, e) };
    return;
  }
  if (attempt !== side.opening) {
    opened.stop();
    return;
  }
  const track = opened;
  track.enabled = on;
  track.addEventListener('ended', () => lost(kind, track));
  side.track.value?.stop();
  side.track.value = track;
  side.device.value = { on, busy: false, error: '' };
  void refreshDevices();
  listener.camera();
}

/**
 * Releases the microphone or the camera, also one that is being opened.
 * @param {'audio' | 'video'} kind
 */
function release(kind) {
  if (drop(kind)) listener.camera();
}

/** Releases the microphone and the camera in one step. */
export function releaseDevices() {
  const dropped = [drop('audio'), drop('video')];
  if (dropped.includes(true)) listener.camera();
}

/**
 * @param {'audio' | 'video'} kind
 * @returns {boolean} whether it was open
 */
function drop(kind) {
  const side = sides[kind];
  side.opening++;
  side.device.value = { on: false, busy: false, error: '' };
  const track = side.track.value;
  track?.stop();
  side.track.value = null;
  return track !== null;
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
  device.value = { on: false, busy: false, error: kind === 'audio' ? 'device.mic.lost' : 'device.camera.lost' };
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
  if (sides[kind].track.value) await open(kind, sides[kind].device.value.on);
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
  const share = { id: randomId(), label: /** @type {const} */ ('screenshare'), media };
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
  releaseDevices();
}
