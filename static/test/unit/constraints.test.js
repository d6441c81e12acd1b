import assert from 'node:assert/strict';
import { test } from 'node:test';
import { added } from '../../app/hotplug.js';
import { constraintsFor } from '../../app/constraints.js';
import { settings } from '../../app/settings.js';
import { SpeechDetector } from '../../app/muted-hint.js';

const NORMAL = { width: { ideal: 1280 }, height: { ideal: 720 } };
const OFF = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

for (const [name, kind, change, wish, want] of /** @type {[string, 'audio' | 'video', object, object, object][]} */ ([
  ['a camera', 'video', {}, {}, { video: NORMAL }],
  ['the one that was chosen', 'video', { video: 'x' }, {}, { video: { deviceId: { ideal: 'x' }, ...NORMAL } }],
  ['the one that looks away', 'video', { video: 'x' }, { facingMode: 'environment' }, { video: { facingMode: { ideal: 'environment' }, ...NORMAL } }],
  ['a blackboard', 'video', { blackboardMode: true }, {}, { video: { width: { min: 640, ideal: 1920 }, height: { min: 400, ideal: 1080 } } }],
  ['a size', 'video', { blackboardMode: true, resolution: [640, 360] }, {}, { video: { width: { ideal: 640 }, height: { ideal: 360 } } }],
  ['a microphone as the browser has it', 'audio', {}, {}, { audio: {} }],
  ['music', 'audio', { preprocessing: false, echoCancellation: true }, {}, { audio: OFF }],
  ['echo', 'audio', { echoCancellation: false }, {}, { audio: { echoCancellation: false, noiseSuppression: true, autoGainControl: true } }],
  ['gain', 'audio', { audio: 'm', autoGainControl: false }, {}, { audio: { deviceId: { ideal: 'm' }, echoCancellation: true, noiseSuppression: true, autoGainControl: false } }],
])) {
  test(`what is asked of a device: ${name}`, () => assert.deepEqual(constraintsFor(kind, { ...settings.value, ...change }, wish), want));
}

/** @param {string} kind @param {string} deviceId */
const device = (kind, deviceId, label = deviceId) => /** @type {MediaDeviceInfo} */ ({ kind, deviceId, label, groupId: '' });

test('devices that are plugged in are noticed, those that become known are not', () => {
  const before = [device('audioinput', 'mic'), device('videoinput', 'cam')];
  const fresh = [device('audioinput', 'headset'), device('audiooutput', 'headset'), device('audioinput', 'default')];
  assert.deepEqual(added(before, [...before, ...fresh]).map((d) => d.deviceId), ['headset']);
  assert.deepEqual(added([device('audioinput', '', '')], before), []);
  assert.deepEqual(added(before, before.slice(1)), []);
});

test('speech is what is loud for a while, and is told once in half a minute', () => {
  const d = new SpeechDetector();
  const told = (/** @type {number} */ from, /** @type {number} */ to, level = 0.7) => {
    const at = [];
    for (let now = from; now <= to; now += 100) if (d.heard(level, now)) at.push(now);
    return at;
  };
  assert.deepEqual(told(0, 400), []);
  assert.deepEqual(told(1000, 3000), [1500]);
  assert.deepEqual(told(4000, 31_000), []);
  assert.deepEqual(told(40_000, 41_000, 0.4), []);
  assert.deepEqual(told(42_000, 43_000), [42_500]);
});
