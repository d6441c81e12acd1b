// The line over the stage: which room, since when.

import { fullScreen, phone, toggleFullScreen } from '../app/viewport.js';
import { camera, group, groupTitle, joinedAt, may } from '../app/store.js';
import { DeviceArrow } from './device-arrow.js';
import { asksForOutput, devicesOf, outputs } from '../app/devices.js';
import { flipCamera } from '../app/capture.js';
import { h, useEffect, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { LayoutButton } from './layout-menu.js';
import { recording } from '../app/roster.js';
import { t } from '../app/i18n.js';

export function TopBar() {
  const label = t(fullScreen.value ? 'top.leaveFullScreen' : 'top.fullScreen');
  return h('header', { class: 'top', 'data-theme': 'dark' },
    h('h1', { class: 'cut' }, groupTitle.value),
    h(Elapsed, {}),
    recording.value && h('span', { class: 'chip rec', role: 'img', 'aria-label': t('top.recording'), title: t('top.recording') }, t('top.rec')),
    group.value.locked && h('span', { class: 'chip' }, h(Icon, { name: 'lock' }), t('room.locked')),
    !may('present') && h('span', { class: 'chip' }, h(Icon, { name: 'eye' }), t('top.watching')),
    h('div', { class: 'end' },
      // Where it is loud, or where nobody else is to hear it.
      phone.value && (outputs().length > 1 || asksForOutput()) && h(DeviceArrow, { kind: 'output', icon: 'volume-2', class: 'btn plain icon s' }),
      phone.value ? h(FlipButton, {}) : h(LayoutButton, {}),
      h('button', { class: 'btn plain icon s', type: 'button', 'aria-label': label, title: label, onClick: () => toggleFullScreen() },
        h(Icon, { name: 'maximize' }))));
}

/** Phones have a camera on each side. */
function FlipButton() {
  return camera.value.on && devicesOf('videoinput').length > 1 && h('button', { class: 'btn plain icon s', type: 'button', 'aria-label': t('toolbar.flip'), title: t('toolbar.flip'), onClick: flipCamera },
    h(Icon, { name: 'switch-camera' }));
}

/** How long we have been here. */
function Elapsed() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (joinedAt.value === 0) return null;
  const seconds = Math.max(0, Math.floor((now - joinedAt.value) / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = (parts[0] ? parts : parts.slice(1)).map((n, i) => (i === 0 ? String(n) : String(n).padStart(2, '0')));
  return h('span', { class: 'time', role: 'timer', 'aria-label': t('top.elapsed') }, shown.join(':'));
}
