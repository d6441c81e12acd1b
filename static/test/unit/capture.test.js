import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { FakeMediaStream, FakeTrack } from '../fakes/media.js';
import { chooseDevice, followCaptureSettings, onCapture, releaseAll, setCamera, setMic, startShare, stopShare } from '../../app/capture.js';
import { changeSettings, settings } from '../../app/settings.js';
import { choosePlayed, sendFile } from '../../app/played-files.js';
import { onFiles } from '../../app/transfers.js';
import { camera, cameraTrack, me, mic, micTrack, phase, playedFiles, shares } from '../../app/store.js';

/** @type {string[]} */
let log = [];
/** @type {{resolve: (m: FakeMediaStream) => void, reject: (e: Error) => void, constraints: any}[]} */
let asked = [];
const ask = (/** @type {any} */ constraints) => new Promise((resolve, reject) => { asked.push({ resolve, reject, constraints }); });

beforeEach(() => {
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true, value: { mediaDevices: { getUserMedia: ask, getDisplayMedia: ask, enumerateDevices: async () => [] } },
  });
  releaseAll();
  asked = [];
  log = [];
  onCapture({ camera: () => log.push('camera'), muted: () => log.push('muted'), shareStarted: () => log.push('started'), shareStopped: () => log.push('stopped') });
});

/** @param {'audio' | 'video'} kind */
async function grant(kind) {
  const track = new FakeTrack(kind);
  asked.shift()?.resolve(new FakeMediaStream([track]));
  await settle();
  return track;
}

test('a microphone that was opened is muted, not closed, and speaks again at once', async () => {
  void setMic(true);
  assert.deepEqual(mic.value, { on: true, busy: true, error: '' });
  const track = await grant('audio');
  await setMic(false);
  assert.deepEqual([track.enabled, track.readyState, mic.value.on], [false, 'live', false]);
  await setMic(true);
  assert.deepEqual([track.enabled, asked.length, log], [true, 0, ['camera', 'muted', 'muted']]);
});

test('a camera that is switched off is released', async () => {
  void setCamera(true);
  const track = await grant('video');
  await setCamera(false);
  assert.deepEqual([track.readyState, cameraTrack.value, camera.value.on], ['ended', null, false]);
});

test('what is refused is told, and nothing is on', async () => {
  void setCamera(true);
  asked[0]?.reject(new DOMException('', 'NotAllowedError'));
  await settle();
  assert.deepEqual(camera.value, { on: false, busy: false, error: 'device.camera.denied' });
  assert.deepEqual(log, []);
});

test('a device that arrives after it was switched off again is closed', async () => {
  void setCamera(true);
  await setCamera(false);
  const track = await grant('video');
  assert.deepEqual([track.readyState, cameraTrack.value, camera.value.busy], ['ended', null, false]);
});

test('a second press while a device is being opened asks no second time', async () => {
  void setMic(true);
  void setMic(true);
  assert.equal(asked.length, 1);
});

test('another microphone is never heard while muted', async () => {
  void setMic(true);
  const first = await grant('audio');
  await setMic(false);
  void chooseDevice('audio', 'other');
  assert.deepEqual(asked[0]?.constraints, { audio: { deviceId: { ideal: 'other' } } });
  const second = await grant('audio');
  assert.deepEqual([first.readyState, second.enabled, mic.value.on, settings.value.audio], ['ended', false, false, 'other']);
});

test('a device that is unplugged is told', async () => {
  void setMic(true);
  const track = await grant('audio');
  track.dispatchEvent(new Event('ended'));
  await settle();
  assert.deepEqual([micTrack.value, mic.value.error], [null, 'device.mic.lost']);
});

test('a shared screen ends with its track or by hand, once', async () => {
  const done = startShare();
  const track = await grant('video');
  assert.equal(await done, 'shared');
  const [share] = shares.value;
  assert.ok(share);
  track.dispatchEvent(new Event('ended'));
  stopShare(share);
  assert.deepEqual([log, shares.value], [['started', 'stopped'], []]);
});

test('a screen that is not chosen is no error', async () => {
  const done = startShare();
  asked[0]?.reject(new DOMException('', 'NotAllowedError'));
  assert.equal(await done, 'cancelled');
});

/** The browser knows these microphones, and may hand them out. @param {string[]} ids */
function microphones(...ids) {
  const { mediaDevices } = globalThis.navigator;
  Object.assign(mediaDevices, { enumerateDevices: async () => ids.map((deviceId) => ({ kind: 'audioinput', deviceId, label: deviceId, groupId: '' })) });
  Object.assign(globalThis.navigator, { permissions: { query: async () => ({ state: 'granted' }) } });
}

test('another microphone takes the place of one that is unplugged, and stays muted if that was', async () => {
  void setMic(true);
  const track = await grant('audio');
  await setMic(false);
  microphones('other');
  Object.assign(track, { readyState: 'ended', getSettings: () => ({ deviceId: 'gone' }) });
  track.dispatchEvent(new Event('ended'));
  await settle();
  const next = await grant('audio');
  assert.deepEqual([micTrack.value, next.enabled, mic.value], [next, false, { on: false, busy: false, error: '' }]);
});

test('another microphone takes the place of one that is unplugged even while the browser does not tell which there are', async (t) => {
  void setMic(true);
  const track = await grant('audio');
  microphones('gone');
  const { mediaDevices } = globalThis.navigator;
  mediaDevices.enumerateDevices = () => new Promise(() => {});
  t.mock.timers.enable({ apis: ['setTimeout'] });
  track.dispatchEvent(new Event('ended'));
  t.mock.timers.tick(500);
  t.mock.timers.reset();
  await settle();
  const next = await grant('audio');
  assert.deepEqual([micTrack.value, mic.value], [next, { on: true, busy: false, error: '' }]);
});

test('a microphone that the browser takes away is not opened again', async () => {
  void setMic(true);
  const track = await grant('audio');
  microphones('mine');
  Object.assign(track, { getSettings: () => ({ deviceId: 'mine' }) });
  track.dispatchEvent(new Event('ended'));
  await settle();
  assert.deepEqual([asked.length, mic.value.error], [0, 'device.mic.lost']);
});

test('if none can be opened in the place of one that is unplugged, that is told', async () => {
  void setMic(true);
  const track = await grant('audio');
  microphones('other');
  log.length = 0;
  Object.assign(track, { getSettings: () => ({ deviceId: 'gone' }) });
  track.dispatchEvent(new Event('ended'));
  await settle();
  asked[0]?.reject(new DOMException('', 'NotFoundError'));
  await settle();
  assert.deepEqual([micTrack.value, mic.value.error, log], [null, 'device.mic.absent', ['camera']]);
});

test('a camera is closed before it is opened in another way, and says so if it does not come back', async () => {
  void setCamera(true);
  const first = await grant('video');
  void chooseDevice('video', 'other');
  assert.equal(first.readyState, 'ended');
  asked[0]?.reject(new DOMException('', 'NotReadableError'));
  await settle();
  assert.deepEqual([cameraTrack.value, camera.value], [null, { on: false, busy: false, error: 'device.camera.busy' }]);
  assert.deepEqual(log, ['camera', 'camera']);
});

test('what the settings want of a device takes effect at once', async () => {
  followCaptureSettings();
  void setMic(true);
  await grant('audio');
  changeSettings({ preprocessing: false });
  assert.deepEqual(asked[0]?.constraints.audio.noiseSuppression, false);
  const second = await grant('audio');
  assert.equal(micTrack.value, second);
  changeSettings({ preprocessing: true });
  await grant('audio');
});

test('what is muted while another microphone is being opened stays muted', async () => {
  void setMic(true);
  await grant('audio');
  void chooseDevice('audio', 'slow');
  await setMic(false);
  const track = await grant('audio');
  assert.deepEqual([track.enabled, mic.value, log.filter((what) => what === 'muted').length], [false, { on: false, busy: false, error: '' }, 1]);
});

test('a device that is chosen while another one is being opened is the one in the end', async () => {
  void setMic(true);
  void chooseDevice('audio', 'late');
  const early = await grant('audio');
  assert.deepEqual(asked[0]?.constraints, { audio: { deviceId: { ideal: 'late' } } });
  const late = await grant('audio');
  assert.deepEqual([early.readyState, micTrack.value, mic.value.busy, asked.length], ['ended', late, false, 0]);
  releaseAll();
  await chooseDevice('audio', '');
});

test('a screen that is chosen after everything was released is not captured', async () => {
  const done = startShare();
  releaseAll();
  const track = await grant('video');
  assert.deepEqual([await done, track.readyState, shares.value, log], ['cancelled', 'ended', [], []]);
});

test('a file that stands still does so on another stream, too', async () => {
  onFiles({ pick: async () => [new globalThis.File(['x'], 'a.webm')], save() {} });
  phase.value = 'joined';
  me.value = { ...me.value, permissions: ['present'] };
  await choosePlayed();
  const [file] = playedFiles.value;
  assert.ok(file);
  let plays = 0;
  sendFile(file, /** @type {any} */ ({ captureStream: () => new FakeMediaStream([new FakeTrack('video')]), play: async () => { plays++; } }));
  for (let i = 0; i < 2; i++) playedFiles.value[0]?.connected?.();
  assert.equal(plays, 1);
});
