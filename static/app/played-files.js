// Files with sound or pictures that are played to everybody: each is a stream of its own, as long as it plays.

import { setMic, startFile, stopFile } from './capture.js';
import { may, mic, phase, playedFiles } from './store.js';
import { inCall } from './phase.js';
import { notify } from './notices.js';
import { pickFiles } from './transfers.js';
import { randomId } from '../lib/index.js';
import { t } from './i18n.js';

/** @typedef {import('./store.js').PlayedFile} PlayedFile */

/** Whether this browser can send what an element plays. */
export function canPlayFiles() {
  const prototype = globalThis.HTMLMediaElement?.prototype ?? {};
  return 'captureStream' in prototype || 'mozCaptureStream' in prototype;
}

/** Has the person choose files, and plays them to everybody. */
export async function choosePlayed() {
  const files = await pickFiles('audio/*,video/*');
  // We may have been removed meanwhile, or may not show anything any more.
  if (inCall(phase.value) && may('present')) playFiles(files);
}

/**
 * Shows files; each is sent as soon as its element knows what is in it.
 * @param {File[]} files
 */
function playFiles(files) {
  if (files.length === 0) return;
  const fresh = files.map((file) => ({ id: randomId(), label: /** @type {const} */ ('video'), name: file.name, url: URL.createObjectURL(file), media: new MediaStream() }));
  playedFiles.value = [...playedFiles.value, ...fresh];
  if (!mic.value.on) return;
  // It would be heard twice.
  void setMic(false);
  notify('info', t('notice.mutedForFile'), { label: t('notice.unmute'), run: () => void setMic(true) });
}

/**
 * The element has read what is in the file: sends it, and plays it once it can be seen.
 * @param {PlayedFile} file
 * @param {HTMLMediaElement} element
 */
export function sendFile(file, element) {
  if (!playedFiles.value.includes(file)) return;
  const media = capture(element);
  /** @type {PlayedFile} */
  const sent = {
    ...file, media, connected: () => {
      // Once: on another stream it goes on as it is, or stands still as the person wants it.
      delete sent.connected;
      void element.play().catch(() => {});
    },
  };
  playedFiles.value = playedFiles.value.map((f) => (f === file ? sent : f));
  // Firefox gives the tracks a moment later.
  if (media.getTracks().length > 0) startFile(sent);
  else media.addEventListener('addtrack', () => setTimeout(() => startFile(sent)), { once: true });
}

/** @param {HTMLMediaElement} element @returns {MediaStream} */
function capture(element) {
  const able = /** @type {{captureStream?: () => MediaStream, mozCaptureStream?: () => MediaStream}} */ (element);
  const media = able.captureStream?.() ?? able.mozCaptureStream?.();
  if (!media) throw new Error('no capture');
  return media;
}

/** @param {PlayedFile} file that the browser does not know how to play */
export function refuseFile(file) {
  stopFile(file.id);
  notify('error', t('notice.cannotPlay', { name: file.name }));
}
