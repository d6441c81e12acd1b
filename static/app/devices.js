// Which cameras, microphones and loudspeakers there are, and why one cannot be had.

import { devices } from './store.js';

/** @typedef {'audioinput' | 'videoinput' | 'audiooutput'} DeviceKind */

/** Media devices need a secure origin; elsewhere the browser hides them. */
export function devicesAllowed() {
  return Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);
}

/** Reads the list again; names appear once a device has been opened. */
export async function refreshDevices() {
  if (!devicesAllowed()) return;
  devices.value = await navigator.mediaDevices.enumerateDevices().catch(() => devices.value);
}

/** Keeps the list up to date when something is plugged in or out. */
export function watchDevices() {
  if (!devicesAllowed()) return;
  navigator.mediaDevices.addEventListener('devicechange', () => void refreshDevices());
  void refreshDevices();
}

/**
 * @param {DeviceKind} kind
 * @returns {MediaDeviceInfo[]} those that can be told apart
 */
export function devicesOf(kind) {
  return devices.value.filter((d) => d.kind === kind && d.deviceId !== '');
}

/** @returns {MediaDeviceInfo[]} loudspeakers, earpieces and the like that the browser lets a page choose */
export function outputs() {
  return 'setSinkId' in HTMLMediaElement.prototype ? devicesOf('audiooutput') : [];
}

/** @returns {boolean} whether the browser asks the person for a loudspeaker itself: it shows a page only those that were chosen */
export function asksForOutput() {
  return devicesAllowed() && 'selectAudioOutput' in navigator.mediaDevices;
}

/**
 * Whether the browser would hand out a device without asking.
 * @param {'camera' | 'microphone'} name
 */
export async function granted(name) {
  try {
    const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) });
    return status.state === 'granted';
  } catch {
    return false;
  }
}

/**
 * Opens one device.
 * @param {MediaStreamConstraints} constraints
 * @returns {Promise<MediaStreamTrack>}
 */
export async function openDevice(constraints) {
  const media = await navigator.mediaDevices.getUserMedia(constraints);
  const track = media.getTracks()[0];
  if (!track) throw new DOMException('no track', 'NotFoundError');
  return track;
}

/**
 * @param {'audio' | 'video'} kind
 * @param {unknown} error what getUserMedia threw
 * @returns {string} key of the text that says what to do
 */
export function deviceErrorKey(kind, error) {
  if (!devicesAllowed()) return 'device.insecure';
  const name = error instanceof Error ? error.name : '';
  const keys = kind === 'audio' ? MIC_ERRORS : CAMERA_ERRORS;
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return keys.denied;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return keys.absent;
    default:
      return keys.busy;
  }
}

const MIC_ERRORS = { denied: 'device.mic.denied', absent: 'device.mic.absent', busy: 'device.mic.busy' };
const CAMERA_ERRORS = { denied: 'device.camera.denied', absent: 'device.camera.absent', busy: 'device.camera.busy' };
