// Choosing a device, in the settings.

import { devices } from '../app/store.js';
import { devicesOf } from '../app/devices.js';
import { h, useId } from '../third-party/preact.js';
import { Select } from './choice.js';
import { t } from '../app/i18n.js';

/**
 * @param {{label: string, kind: import('../app/devices.js').DeviceKind, chosen: string, onChoose: (id: string) => void}} props
 */
export function DeviceField({ label, kind, chosen, onChoose }) {
  const id = useId();
  const list = devices.value && devicesOf(kind);
  const known = list.some((d) => d.deviceId === chosen) ? chosen : list[0]?.deviceId ?? '';
  return h('div', { class: 'field' },
    h('label', { class: 'label', for: id }, label),
    list.length === 0
      ? h('p', { class: 'small dim' }, t('devices.unknown'))
      : h(Select, {
        id, value: known, onChange: onChoose,
        choices: list.map((d, i) => ({ value: d.deviceId, label: d.label || t('devices.nth', { number: i + 1 }) })),
      }));
}
