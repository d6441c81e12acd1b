// How loud somebody is, for us alone.

import { h, useId } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { Popover } from './popover.js';
import { setVolume, volumeOf } from '../app/volume.js';
import { t } from '../app/i18n.js';

/** Steps of the slider, of a hundred. */
const STEP = 5;

/**
 * @param {{who: import('../app/volume.js').Who, name: string}} props
 */
export function VolumeControl({ who, name }) {
  const id = useId();
  const { level, silent } = volumeOf(who);
  const toggle = t(silent ? 'volume.unmute' : 'volume.mute', { name });
  return h('div', { class: 'volume' },
    h('button', { class: 'btn plain icon s', type: 'button', 'aria-label': toggle, title: toggle, onClick: () => setVolume(who, { silent: !silent }) },
      h(Icon, { name: silent || level === 0 ? 'volume-x' : 'volume-2' })),
    h('label', { class: 'sr', for: id }, t('volume.of', { name })),
    h('input', {
      id, type: 'range', min: 0, max: 100, step: STEP, value: silent ? 0 : Math.round(level * 100),
      onInput: (/** @type {{currentTarget: HTMLInputElement}} */ e) => setVolume(who, { level: Number(e.currentTarget.value) / 100, silent: false }),
    }));
}

/**
 * The control beside what opened it, over everything.
 * @param {{who: import('../app/volume.js').Who, name: string, onClose: () => void}} props
 */
export function VolumePopover({ who, name, onClose }) {
  return h(Popover, { label: t('volume.of', { name }), onClose }, h(VolumeControl, { who, name }));
}
