// The menus of the split buttons: which microphone, camera and loudspeaker, and what is done to sound and picture.

import { cameraTrack, dialog, micTrack, phase } from '../app/store.js';
import { changeSettings, settings } from '../app/settings.js';
import { h } from '../third-party/preact.js';
import { Menu, MenuChoice, MenuItem, MenuLine } from './menu.js';
import { chooseDevice } from '../app/capture.js';
import { askForOutput } from '../app/outputs.js';
import { asksForOutput, devicesOf, outputs } from '../app/devices.js';
import { Icon } from './icon.js';
import { inCall } from '../app/phase.js';
import { Meter } from './meter.js';
import { playTestTone } from '../app/meter.js';
import { t } from '../app/i18n.js';
import { toggleBlur } from '../app/actions.js';

/** @typedef {import('../third-party/preact.js').ComponentChildren} ComponentChildren */

/** @param {{kind: 'audio' | 'video' | 'output', label: string, onClose: () => void}} props */
export function DeviceMenu({ kind, label, onClose }) {
  if (kind === 'output') return h(Menu, { label, onClose, floating: true }, h(Speakers, { onClose }));
  return h(Menu, { label, onClose, class: 'devices' },
    kind === 'audio' ? h(Sound, { onClose }) : h(Picture, { onClose }),
    // The settings are a dialog of the call.
    inCall(phase.value) && h(MenuItem, { icon: 'settings', onClick: () => { onClose(); dialog.value = { kind: 'settings', tab: kind }; } },
      t(kind === 'audio' ? 'devices.audioSettings' : 'devices.videoSettings')));
}

/** @param {{onClose: () => void}} props */
function Sound({ onClose }) {
  const { audio, preprocessing } = settings.value;
  return [
    h(Choices, {
      head: t('devices.mic'), list: devicesOf('audioinput'), chosen: audio, inUse: micTrack.value?.getSettings().deviceId ?? '',
      onChoose: (id) => { void chooseDevice('audio', id); onClose(); },
      // A menu may have no meter in it; the settings have one that is read aloud.
      beside: micTrack.value && h('span', { 'aria-hidden': 'true' }, h(Meter, { track: micTrack.value, steps: 8 })),
    }),
    h(MenuLine, {}),
    h(Speakers, { onClose }),
    h(MenuLine, {}),
    h(MenuSwitch, { icon: 'sparkles', checked: preprocessing, onClick: () => changeSettings({ preprocessing: !preprocessing }) }, t('settings.noise')),
  ];
}

/** @param {{onClose: () => void}} props */
function Speakers({ onClose }) {
  const { speaker } = settings.value;
  const list = outputs();
  const test = () => void playTestTone(speaker);
  /** @param {string} id */
  const choose = (id) => { changeSettings({ speaker: id }); onClose(); };
  return [
    list.length > 0 ? h(Choices, {
      head: t('devices.speaker'), list, chosen: speaker, inUse: '', onChoose: choose,
      beside: h('button', { class: 'test', type: 'button', role: 'menuitem', tabIndex: -1, 'aria-label': t('devices.testSpeaker'), onClick: test }, t('devices.test')),
    }) : h(MenuItem, { icon: 'volume-2', onClick: test }, t('devices.testSpeaker')),
    asksForOutput() && h(MenuItem, { icon: 'plus', onClick: () => void askForOutput().then(choose, onClose) }, t('devices.otherSpeaker')),
  ];
}

/** @param {{onClose: () => void}} props */
function Picture({ onClose }) {
  return [
    h(Choices, {
      head: t('devices.camera'), list: devicesOf('videoinput'), chosen: settings.value.video, inUse: cameraTrack.value?.getSettings().deviceId ?? '',
      onChoose: (id) => { void chooseDevice('video', id); onClose(); },
    }),
    h(MenuLine, {}),
    h(MenuSwitch, { icon: 'user', checked: settings.value.filter === 'background-blur', onClick: toggleBlur }, t('settings.filter.blur')),
  ];
}

/**
 * @param {{head: string, list: MediaDeviceInfo[], chosen: string, inUse: string, onChoose: (id: string) => void, beside?: ComponentChildren}} props
 *   beside: what stands at the end of the line of the one in use
 */
function Choices({ head, list, chosen, inUse, onChoose, beside }) {
  const known = list.some((d) => d.deviceId === chosen) ? chosen : inUse || list[0]?.deviceId;
  return [
    h('p', { class: 'head' }, head),
    list.length === 0 && h('p', { class: 'empty' }, t('devices.unknown')),
    list.map((device, i) => h('div', { key: device.deviceId, class: 'device', role: 'none' },
      h(MenuChoice, { checked: device.deviceId === known, onClick: () => onChoose(device.deviceId) }, device.label || t('devices.nth', { number: i + 1 })),
      device.deviceId === known && beside)),
  ];
}

/**
 * What is on or off; the menu stays, so that one sees that it is.
 * @param {{icon: string, checked: boolean, onClick: () => void, children?: ComponentChildren}} props
 */
function MenuSwitch({ icon, checked, onClick, children }) {
  return h('button', { type: 'button', role: 'menuitemcheckbox', 'aria-checked': checked, tabIndex: -1, onClick },
    h(Icon, { name: icon }), h('span', { class: 'cut grow' }, children), h('span', { class: 'switch' }));
}
