// The menus of the split buttons: which microphone, camera and loudspeaker.

import { changeSettings, settings } from '../app/settings.js';
import { h, useState } from '../third-party/preact.js';
import { cameraTrack, micTrack } from '../app/store.js';
import { Menu, MenuChoice } from './menu.js';
import { toggleBlur } from '../app/actions.js';
import { chooseDevice } from '../app/capture.js';
import { devicesOf } from '../app/devices.js';
import { Icon } from './icon.js';
import { Meter } from './meter.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../third-party/preact.js').ComponentChildren} ComponentChildren */

/**
 * The half of a split button that opens the list of devices, and the list.
 * @param {{kind: 'audio' | 'video', icon: string, class?: string}} props
 */
export function DeviceArrow({ kind, icon, class: extra = '' }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const label = t(kind === 'audio' ? 'devices.mics' : 'devices.cameras');
  return [
    h('button', {
      class: `arrow ${open ? 'open' : ''} ${extra}`, type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': open,
      'aria-label': label, onClick: () => setOpen(!open),
    }, h(Icon, { name: icon })),
    open && h(DeviceMenu, { kind, label, onClose: close }),
  ];
}

/** @param {{kind: 'audio' | 'video', label: string, onClose: () => void}} props */
function DeviceMenu({ kind, label, onClose }) {
  const input = kind === 'audio' ? 'audioinput' : 'videoinput';
  const speakers = kind === 'audio' && 'setSinkId' in HTMLMediaElement.prototype ? devicesOf('audiooutput') : [];
  return h(Menu, { label, onClose, class: 'devices' },
    h(Choices, {
      head: t(kind === 'audio' ? 'devices.mic' : 'devices.camera'), list: devicesOf(input),
      chosen: settings.value[kind], inUse: (kind === 'audio' ? micTrack : cameraTrack).value?.getSettings().deviceId ?? '',
      onChoose: (id) => { void chooseDevice(kind, id); onClose(); },
    }),
    kind === 'video' && h(MenuChoice, {
      checked: settings.value.filter === 'background-blur', onClick: () => { toggleBlur(); onClose(); },
    }, t('settings.filter.blur')),
    kind === 'audio' && micTrack.value && h('div', { class: 'level' }, h(Meter, { track: micTrack.value, steps: 16 })),
    speakers.length > 0 && h(Choices, {
      head: t('devices.speaker'), list: speakers, chosen: settings.value.speaker, inUse: '',
      onChoose: (id) => { changeSettings({ speaker: id }); onClose(); },
    }));
}

/**
 * @param {{head: string, list: MediaDeviceInfo[], chosen: string, inUse: string, onChoose: (id: string) => void}} props
 */
function Choices({ head, list, chosen, inUse, onChoose }) {
  const known = list.some((d) => d.deviceId === chosen) ? chosen : inUse || list[0]?.deviceId;
  return [
    h('p', { class: 'head' }, head),
    list.length === 0 && h('p', { class: 'empty' }, t('devices.unknown')),
    list.map((device, i) => h(MenuChoice, {
      key: device.deviceId, checked: device.deviceId === known, onClick: () => onChoose(device.deviceId),
    }, device.label || t('devices.nth', { number: i + 1 }))),
  ];
}
