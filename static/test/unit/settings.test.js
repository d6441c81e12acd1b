import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../fakes/install.js';

const { changeSettings, resetSetting, settings } = await import('../../app/settings.js');

test('what nobody has set is as users of Galene know it', () => {
  const {
    activityDetection, audio, blackboardMode, displayAll, filter, forceRelay, hqaudio, mirrorView, preprocessing, request, resolution, send, simulcast, video,
  } = settings.value;
  assert.deepEqual(
    { activityDetection, audio, blackboardMode, displayAll, filter, forceRelay, hqaudio, mirrorView, preprocessing, request, resolution, send, simulcast, video },
    {
      activityDetection: false, audio: '', blackboardMode: false, displayAll: false, filter: '', forceRelay: false, hqaudio: false, mirrorView: true,
      preprocessing: true, request: 'everything', resolution: '', send: 'normal', simulcast: 'auto', video: '',
    },
  );
});

test('what another window has changed meanwhile stays changed', (t) => {
  const stored = new Map([['settings', JSON.stringify({ theme: 'light' })]]);
  Object.assign(globalThis, { localStorage: { getItem: (/** @type {string} */ key) => stored.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => stored.set(key, value) } });
  t.after(() => { delete Object(globalThis).localStorage; });
  changeSettings({ mirrorView: false });
  stored.set('settings', JSON.stringify({ ...JSON.parse(stored.get('settings') ?? ''), theme: 'dark' }));
  changeSettings({ hideSelf: true });
  const kept = JSON.parse(stored.get('settings') ?? '');
  assert.deepEqual([kept.theme, kept.mirrorView, kept.hideSelf], ['dark', false, true]);
  resetSetting('hideSelf');
  assert.deepEqual([JSON.parse(stored.get('settings') ?? '').hideSelf ?? false, settings.value.hideSelf], [false, false]);
});
