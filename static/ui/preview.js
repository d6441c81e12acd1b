// The picture of oneself before joining, with the switches of microphone and camera.

import { camera, cameraTrack, mic, micTrack } from '../app/store.js';
import { DeviceArrow } from './device-arrow.js';
import { devicesAllowed, devicesOf } from '../app/devices.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { Meter } from './meter.js';
import { playTestTone } from '../app/meter.js';
import { flipCamera, looksAway, setCamera, setMic } from '../app/capture.js';
import { ownMedia } from '../app/tiles.js';
import { phone } from '../app/viewport.js';
import { toggleBlur } from '../app/actions.js';
import { settings } from '../app/settings.js';
import { t } from '../app/i18n.js';
import { Video } from './video.js';

const toggleMic = () => mic.value.busy || setMic(!mic.value.on, { keepOpen: false });
const toggleCamera = () => camera.value.busy || setCamera(!camera.value.on);

export function Preview() {
  const track = cameraTrack.value;
  return h('div', { class: `preview ${track ? '' : 'no'}` },
    h(Video, { media: ownMedia.value, muted: true, class: settings.value.mirrorView && !looksAway() ? 'mirror' : '', hidden: !track, label: t('prejoin.selfView') }),
    !track && h(Explanation, {}),
    h('div', { class: 'ctl' },
      h('span', { class: 'vsplit' },
        h('button', {
          class: 'main', type: 'button', 'aria-label': t('toolbar.mic'), 'aria-pressed': mic.value.on, 'aria-disabled': mic.value.busy, onClick: toggleMic,
        }, h(Icon, { name: mic.value.on ? 'mic' : 'mic-off' }), h('span', { 'data-off': t('toolbar.mic.off') }, t('toolbar.mic.short'))),
        h(DeviceArrow, { kind: 'audio', icon: 'chevron-down' })),
      h('span', { class: 'vsplit' },
        h('button', {
          class: 'main', type: 'button', 'aria-label': t('toolbar.camera'), 'aria-pressed': camera.value.on, 'aria-disabled': camera.value.busy, onClick: toggleCamera,
        }, h(Icon, { name: camera.value.on ? 'video' : 'video-off' }), h('span', { 'data-off': t('toolbar.camera.off') }, t('toolbar.camera'))),
        h(DeviceArrow, { kind: 'video', icon: 'chevron-down' })),
      track && h('span', { class: 'vsplit' },
        h('button', { type: 'button', 'aria-label': t('settings.filter.blur'), 'aria-pressed': settings.value.filter === 'background-blur', onClick: toggleBlur },
          h(Icon, { name: 'user' }), h('span', {}, t('prejoin.blur')))),
      track && phone.value && devicesOf('videoinput').length > 1 && h('span', { class: 'vsplit' },
        h('button', { type: 'button', 'aria-label': t('toolbar.flip'), onClick: flipCamera }, h(Icon, { name: 'switch-camera' })))));
}

/** Why there is no picture, and what to do about it. */
function Explanation() {
  const insecure = !devicesAllowed();
  const error = insecure ? 'device.insecure' : camera.value.error || mic.value.error;
  const busy = camera.value.busy || mic.value.busy;
  const again = camera.value.error ? toggleCamera : toggleMic;
  return h('div', { class: 'blocked', role: error ? 'alert' : undefined },
    h('span', { class: 'round' }, h(Icon, { name: camera.value.busy ? 'video' : 'video-off', class: 'i-l' })),
    h('p', {}, error ? t(error) : t(busy ? 'device.prompt' : 'prejoin.cameraOff')),
    error && !insecure && h('button', { class: 'btn s', type: 'button', 'data-theme': 'dark', onClick: again },
      h(Icon, { name: 'rotate-ccw' }), t('prejoin.tryAgain')));
}

export function MicRow() {
  const error = cameraTrack.value ? mic.value.error : '';
  return h('div', { class: `dev ${error ? 'bad' : ''}` },
    h(Icon, { name: micTrack.value ? 'mic' : 'mic-off' }),
    error ? h('span', { class: 'grow', role: 'alert' }, t(error)) : h(Meter, { track: micTrack.value }));
}

export function SpeakerRow() {
  const speakers = devicesOf('audiooutput');
  const chosen = speakers.find((d) => d.deviceId === settings.value.speaker) ?? speakers[0];
  return h('div', { class: 'dev speaker' },
    h(Icon, { name: 'volume-2' }),
    h('span', { class: 'grow cut' }, chosen?.label || t('devices.speaker')),
    h('button', { class: 'btn s', type: 'button', onClick: () => void playTestTone(settings.value.speaker), 'aria-label': t('devices.testSpeaker') }, t(phone.value ? 'devices.testSpeaker' : 'devices.test')));
}
