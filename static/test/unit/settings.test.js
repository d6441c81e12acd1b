import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../fakes/install.js';

const { settings } = await import('../../app/settings.js');

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
