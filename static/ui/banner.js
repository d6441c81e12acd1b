// The line over the stage: lost connection, sound that has to be allowed.

import { backOnline, phase, retryAt, soundBlocked, suspended } from '../app/store.js';
import { h, useEffect, useState } from '../third-party/preact.js';
import { leave, retryNow } from '../app/session.js';
import { changeSettings } from '../app/settings.js';
import { Icon } from './icon.js';
import { noPath, noRelay, relayImposed } from '../app/relay.js';
import { t } from '../app/i18n.js';
import { turnOnSound } from '../app/sound.js';

export function Banners() {
  if (phase.value === 'reconnecting') return h(Reconnecting, {});
  if (phase.value === 'lost') {
    return h('div', { class: 'banner', role: 'alert' }, h(Icon, { name: 'triangle-alert' }),
      h('span', { class: 'grow' }, t('banner.gaveUp')),
      h('button', { class: 'btn s', type: 'button', onClick: leave }, t('toolbar.leave')),
      h('button', { class: 'btn s', type: 'button', onClick: retryNow }, t('banner.rejoin')));
  }
  if (suspended.value) return h('div', { class: 'banner', role: 'status' }, h(Icon, { name: 'loader-circle', class: 'spin' }), t('banner.lost'));
  if (noRelay.value && phase.value === 'joined') {
    return h('div', { class: 'banner', role: 'alert' }, h(Icon, { name: 'triangle-alert' }), h('span', { class: 'grow' }, noRelayText()),
      !relayImposed.value && h('button', { class: 'btn s', type: 'button', onClick: () => changeSettings({ forceRelay: false }) }, t('toast.switchOff')));
  }
  if (noPath.value && phase.value === 'joined') {
    return h('div', { class: 'banner', role: 'alert' }, h(Icon, { name: 'triangle-alert' }), h('span', { class: 'grow' }, t('banner.noPath')));
  }
  if (soundBlocked.value) {
    return h('div', { class: 'banner', role: 'alert' }, h(Icon, { name: 'volume-x' }),
      h('span', { class: 'grow' }, t('banner.sound')),
      h('button', { class: 'btn s', type: 'button', onClick: turnOnSound }, t('banner.turnOn')));
  }
  if (backOnline.value) return h('div', { class: 'banner ok', role: 'status' }, h(Icon, { name: 'check' }), t('banner.back'));
  return null;
}

/** @returns {string} why nothing gets through, and what to do */
export function noRelayText() {
  return relayImposed.value ? t('relay.imposed') : t('relay.none', { setting: t('settings.relay') });
}

function Reconnecting() {
  return h('div', { class: 'banner', role: 'alert' }, h(Icon, { name: 'loader-circle', class: 'spin' }),
    h('span', { class: 'grow' }, t('banner.lost'), ' ', h(NextTry, {})), h(TryNow, {}));
}

/** How long until the server is tried again. */
export function NextTry() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(1, Math.ceil((retryAt.value - now) / 1000));
  return h('span', { class: 'num next', 'aria-hidden': 'true' }, retryAt.value > 0 ? t('banner.next', { seconds }) : '');
}

export function TryNow() {
  return h('button', { class: 'btn s', type: 'button', onClick: retryNow }, t('banner.now'));
}
