// Settings: what is seen of us.

import { cameraTrack, may } from '../app/store.js';
import { changeSettings, settings } from '../app/settings.js';
import { chooseDevice, looksAway } from '../app/capture.js';
import { DeviceField } from './settings-devices.js';
import { h, useId } from '../third-party/preact.js';
import { ownMedia } from '../app/tiles.js';
import { phone } from '../app/viewport.js';
import { Segments, Select, Setting, Switch } from './choice.js';
import { t } from '../app/i18n.js';
import { Video } from './video.js';

/** Heights that can be asked of a camera, pixels, at 16:9. */
const HEIGHTS = [360, 720, 1080];

/** @returns {{value: string, label: string}[]} */
const effects = () => [
  { value: '', label: t('settings.filter.none') }, { value: 'background-blur', label: t('settings.filter.blur') },
  { value: 'mirror-h', label: t('settings.filter.mirrorH') }, { value: 'mirror-v', label: t('settings.filter.mirrorV') },
  { value: 'rotate', label: t('settings.filter.rotate') },
];

export function VideoSettings() {
  const track = cameraTrack.value;
  const effect = useId();
  const { activityDetection, blackboardMode, displayAll, filter, mirrorView, resolution, video } = settings.value;
  /** @param {string} id of its name */
  const choice = (id) => h(Select, { labelledBy: id, value: filter, choices: effects(), onChange: (value) => changeSettings({ filter: value }) });
  return [
    may('present') && h('div', { class: 'camera' },
      h('div', { class: 'shot' },
        h(Video, { media: ownMedia.value, muted: true, hidden: !track, class: mirrorView && !looksAway() ? 'mirror' : '', label: t('prejoin.selfView') }),
        !track && h('p', {}, t('prejoin.cameraOff'))),
      h('div', {},
        h(DeviceField, { label: t('devices.camera'), kind: 'videoinput', chosen: video, onChoose: (id) => void chooseDevice('video', id) }),
        h('div', { class: 'field' }, h('p', { class: 'label', id: effect }, t('settings.filter')), choice(effect)))),
    // Who only watches may be let present later.
    !may('present') && h(Setting, { label: t('settings.filter'), control: choice }),
    h(Switch, { label: t('settings.mirror'), help: t('settings.mirror.help'), checked: mirrorView, onChange: (on) => changeSettings({ mirrorView: on }) }),
    may('present') && [
      h(Setting, {
        label: t('settings.resolution'), help: t('settings.resolution.help'),
        // In some languages its choices are too wide for a row on a phone.
        control: (id) => h(phone.value ? Select : Segments, {
          labelledBy: id, value: resolution ? String(resolution[1]) : '',
          choices: [{ value: '', label: t('settings.resolution.auto') }, ...HEIGHTS.map((height) => ({ value: String(height), label: `${height}p` }))],
          onChange: (value) => changeSettings({ resolution: value ? [Math.round(Number(value) * 16 / 9), Number(value)] : '' }),
        }),
      }),
      h(Switch, { label: t('settings.blackboard'), help: t('settings.blackboard.help'), checked: blackboardMode, onChange: (on) => changeSettings({ blackboardMode: on }) }),
    ],
    h(Switch, { label: t('settings.activity'), help: t('settings.activity.help'), checked: activityDetection, onChange: (on) => changeSettings({ activityDetection: on }) }),
    h(Switch, { label: t('settings.displayAll'), help: t('settings.displayAll.help'), checked: displayAll, onChange: (on) => changeSettings({ displayAll: on }) }),
  ];
}
