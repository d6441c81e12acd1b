// Our microphone, camera and shared screens: opening, switching and releasing them.
// What becomes of the tracks is told to whoever called onCapture().

import { constraintsFor } from './constraints.js';
import { deviceErrorKey, devicesOf, granted, openDevice, refreshDevices } from './devices.js';
import { effect, untracked } from '../third-party/signals.js';
import { notify } from './notices.js';
import { randomId } from '../lib/index.js';
import { changeSettings, settings } from './settings.js';
import { camera, cameraTrack, mic, micTrack, playedFiles, shares } from './store.js';
import { t } from './i18n.js';

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

/**
 * @typedef {object} Source where a track comes from
 * @property {MediaStreamTrack} device
 * @property {MediaStreamTrack} track what is sent: that of the device, or what a filter makes of it
 * @property {() => void} stop
 */

/** `opening` counts the attempts, so that one that was overtaken can tell. */
const sides = {
  audio: { device: mic, track: micTrack, setting: /** @type {const} */ ('audio'), input: /** @type {const} */ ('audioinput'), source: /** @type {Source | null} */ (null), opening: 0 },
  video: { device: camera, track: cameraTrack, setting: /** @type {const} */ ('video'), input: /** @type {const} */ ('videoinput'), source: /** @type {Source | null} */ (null), opening: 0 },
};

/**
 * Opens the microphone or the camera. If it cannot be had, the state says why.
 * @param {'audio' | 'video'} kind
 * @param {{on?: boolean, facingMode?: 'user' | 'environment'}} [options] on: false for a microphone that stays muted, which must not be
 *   heard even for a moment
 */
async function open(kind, { on = true, facingMode } = {}) {
  const side = sides[kind];
  if (side.device.value.busy) return;
  const attempt = ++side.opening;
  const chosen = settings.value[side.setting];
  side.device.value = { on, busy: true, error: '' };
  // Phones have no two cameras at a time, and no browser gives one microphone in two ways.
  side.source?.stop();
  let opened;
  try {
    opened = await sourceOf(kind, facingMode ? { facingMode } : {});
  } catch (e) {
    if (attempt !== side.opening) return;
    const wasOpen = drop(kind);
    side.device.value = { on: false, busy: false, error: e instanceof FilterError ? 'filter.failed' : deviceErrorKey(kind, e) };
    if (wasOpen) listener.camera();
    return;
  }
  if (attempt !== side.opening) {
    opened.stop();
    return;
  }
  const source = opened;
  // It may have been muted meanwhile.
  ({ on } = side.device.value);
  source.track.enabled = on;
  source.device.onended = () => void lost(kind, source);
  side.track.value?.stop();
  side.source = source;
  side.track.value = source.track;
  side.device.value = { on, busy: false, error: '' };
  // Another one was chosen meanwhile.
  if (settings.value[side.setting] !== chosen) return open(kind, { on });
  if (facingMode) changeSettings({ video: source.device.getSettings().deviceId ?? '' });
  void refreshDevices();
  listener.camera();
}

class FilterError extends Error {}

/**
 * @param {'audio' | 'video'} kind
 * @param {{facingMode?: 'user' | 'environment'}} wish
 * @returns {Promise<Source>}
 */
async function sourceOf(kind, wish) {
  const device = await openDevice(constraintsFor(kind, settings.value, wish));
  const { filter, blackboardMode } = settings.value;
  /** @type {Source} */
  let source = { device, track: device, stop: () => device.stop() };
  if (kind === 'video' && filter) {
    try {
      const { filterTrack } = await import('./filters/index.js');
      const filtered = await filterTrack(device, filter, { slow: tooSlow, failed: filterFailed });
      source = { device, track: filtered.track, stop: () => { filtered.stop(); device.stop(); } };
    } catch (e) {
      // Nobody may see what should have been hidden.
      device.stop();
      throw new FilterError(String(e));
    }
  }
  if (kind === 'video' && blackboardMode) source.track.contentHint = 'detail';
  return source;
}

/** The filter of which was said that it is slow. */
let slow = '';

/** The filter takes more than this machine has. It goes on nevertheless: nobody may see what it hides before the person says so. */
function tooSlow() {
  const { filter } = settings.value;
  if (filter === slow) return;
  slow = filter;
  if (filter) notify('warning', t('filter.slow'), { label: t('toast.switchOff'), run: () => changeSettings({ filter: '' }) });
}

/** The filter does not go on: nobody gets a picture without it. */
function filterFailed() {
  drop('video');
  camera.value = { on: false, busy: false, error: 'filter.failed' };
  listener.camera();
}

/** Opens devices anew when the settings want other ones of them. */
export function followCaptureSettings() {
  const wishes = /** @type {const} */ ({
    audio: () => JSON.stringify([settings.value.preprocessing, settings.value.echoCancellation, settings.value.autoGainControl]),
    video: () => JSON.stringify([settings.value.blackboardMode, settings.value.filter, settings.value.resolution]),
  });
  for (const kind of /** @type {const} */ (['audio', 'video'])) {
    let last = untracked(wishes[kind]);
    effect(() => {
      const now = wishes[kind]();
      if (now === last) return;
      // One that is being opened is looked at again when it is open.
      if (sides[kind].device.value.busy) return;
      last = now;
      untracked(() => { if (sides[kind].track.value) void open(kind, { on: sides[kind].device.value.on }); });
    });
  }
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
  side.source?.stop();
  side.source = null;
  track?.stop();
  side.track.value = null;
  return track !== null;
}

/**
 * The device ended by itself: unplugged, or taken away by the browser. Another one takes the place of one that is unplugged.
 * @param {'audio' | 'video'} kind
 * @param {Source} ended
 */
async function lost(kind, ended) {
  const side = sides[kind];
  if (side.source !== ended) return;
  const { on } = side.device.value;
  drop(kind);
  const attempt = side.opening;
  const id = ended.device.getSettings().deviceId;
  // Firefox tells of devices once its window has the focus, for which nobody should wait to be heard.
  const listed = await Promise.race([refreshDevices().then(() => true), new Promise((resolve) => { setTimeout(resolve, 500); })]);
  const others = devicesOf(side.input);
  const replaceable = (!listed || (others.length > 0 && !others.some((d) => d.deviceId === id))) && await granted(kind === 'audio' ? 'microphone' : 'camera');
  if (attempt !== side.opening) return;
  if (replaceable) {
    await open(kind, { on });
    const { label = '' } = side.source?.device ?? {};
    if (label) notify('warning', t(kind === 'audio' ? 'device.mic.replaced' : 'device.camera.replaced', { name: label }));
    else if (!side.source) listener.camera();
    return;
  }
  side.device.value = { on: false, busy: false, error: kind === 'audio' ? 'device.mic.lost' : 'device.camera.lost' };
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
  mic.value = { ...mic.value, on, error: '' };
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
  if (sides[kind].track.value) await open(kind, { on: sides[kind].device.value.on });
}

/** Whether the camera that is on looks away from the person: its picture is no mirror. */
export function looksAway() {
  return cameraTrack.value !== null && sides.video.source?.device.getSettings().facingMode === 'environment';
}

/** Takes the camera on the other side of a phone. */
export async function flipCamera() {
  if (cameraTrack.value) await open('video', { facingMode: looksAway() ? 'user' : 'environment' });
}

/** Whether this browser can share a screen. */
export function canShare() {
  return Boolean(globalThis.navigator?.mediaDevices?.getDisplayMedia);
}

/** How often everything was released. */
let releases = 0;

/**
 * Lets the person choose a screen or window, and shares it.
 * @returns {Promise<'shared' | 'cancelled'>} rejected if the browser cannot
 */
export async function startShare() {
  let media;
  const before = releases;
  try {
    media = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  } catch (e) {
    if (e instanceof Error && e.name === 'NotAllowedError') return 'cancelled';
    throw e;
  }
  // We have left meanwhile, or may not show anything any more.
  if (before !== releases) {
    for (const track of media.getTracks()) track.stop();
    return 'cancelled';
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

/**
 * Sends what a file plays.
 * @param {import('./store.js').PlayedFile} file
 */
export function startFile(file) {
  if (playedFiles.value.includes(file)) listener.shareStarted(file);
}

/** @param {string} id of a file that is played */
export function stopFile(id) {
  const file = playedFiles.value.find((f) => f.id === id);
  if (!file) return;
  playedFiles.value = playedFiles.value.filter((f) => f !== file);
  URL.revokeObjectURL(file.url);
  listener.shareStopped(file);
}

/** Releases every screen and file, for which there are no buttons but in a call. */
export function releaseShares() {
  releases++;
  for (const { id } of playedFiles.value) stopFile(id);
  for (const share of shares.value) stopShare(share);
}

/** Releases every device, screen and file. */
export function releaseAll() {
  releaseShares();
  releaseDevices();
}
