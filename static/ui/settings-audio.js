// Settings: what is heard.

import { changeSettings, settings } from '../app/settings.js';
import { chooseDevice } from '../app/capture.js';
import { DeviceField } from './settings-devices.js';
import { h } from '../third-party/preact.js';
import { may, micTrack } from '../app/store.js';
import { Meter } from './meter.js';
import { Switch } from './choice.js';
import { playTestTone } from '../app/meter.js';
import { t } from '../app/i18n.js';

export function AudioSettings() {
  const { autoGainControl, echoCancellation, hqaudio, mutedHint, preprocessing } = settings.value;
  return [
    may('present') && [
      h(DeviceField, { label: t('devices.mic'), kind: 'audioinput', chosen: settings.value.audio, onChoose: (id) => void chooseDevice('audio', id) }),
      h('div', { class: 'levelrow' }, h('span', { class: 'small dim' }, t('meter.label')), h(Meter, { track: micTrack.value, steps: 20 })),
    ],
    'setSinkId' in HTMLMediaElement.prototype &&
      h(DeviceField, { label: t('devices.speaker'), kind: 'audiooutput', chosen: settings.value.speaker, onChoose: (speaker) => changeSettings({ speaker }) }),
    h('div', { class: 'field' }, h('button', { class: 'btn s', type: 'button', onClick: () => void playTestTone(settings.value.speaker) }, t('devices.testSpeaker'))),
    may('present') && [
      h(Switch, { label: t('settings.noise'), help: t('settings.noise.help'), checked: preprocessing, onChange: (on) => changeSettings({ preprocessing: on }) }),
      h(Switch, { label: t('settings.echo'), checked: preprocessing && echoCancellation, disabled: !preprocessing, onChange: (on) => changeSettings({ echoCancellation: on }) }),
      h(Switch, { label: t('settings.gain'), checked: preprocessing && autoGainControl, disabled: !preprocessing, onChange: (on) => changeSettings({ autoGainControl: on }) }),
      h(Switch, { label: t('settings.hqaudio'), help: t('settings.hqaudio.help'), checked: hqaudio, onChange: (on) => changeSettings({ hqaudio: on }) }),
      h(Switch, { label: t('settings.mutedHint'), help: t('settings.mutedHint.help'), checked: mutedHint, onChange: (on) => changeSettings({ mutedHint: on }) }),
    ],
  ];
}
