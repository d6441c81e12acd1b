// Settings: what is seen of us.

import { cameraTrack, may } from '../app/store.js';
import { changeSettings, settings } from '../app/settings.js';
import { chooseDevice } from '../app/capture.js';
import { DeviceField } from './settings-devices.js';
import { h, useMemo } from '../third-party/preact.js';
import { Switch } from './choice.js';
import { t } from '../app/i18n.js';
import { Video } from './video.js';

export function VideoSettings() {
  const track = cameraTrack.value;
  const media = useMemo(() => (track ? new MediaStream([track]) : null), [track]);
  const { mirrorView, video } = settings.value;
  return [
    may('present') && h('div', { class: 'camera' },
      h('div', { class: 'shot' },
        h(Video, { media, muted: true, hidden: !track, class: mirrorView ? 'mirror' : '', label: t('prejoin.selfView') }),
        !track && h('p', {}, t('prejoin.cameraOff'))),
      h(DeviceField, { label: t('devices.camera'), kind: 'videoinput', chosen: video, onChoose: (id) => void chooseDevice('video', id) })),
    h(Switch, { label: t('settings.mirror'), help: t('settings.mirror.help'), checked: mirrorView, onChange: (on) => changeSettings({ mirrorView: on }) }),
  ];
}
