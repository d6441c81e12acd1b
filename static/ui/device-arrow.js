// The button that opens a list of devices; mostly half of a split button. What it opens is loaded when it is first wanted.

import { h, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { notify } from '../app/notices.js';
import { t } from '../app/i18n.js';

/** @type {typeof import('./device-menu.js').DeviceMenu | undefined} */
let DeviceMenu;

const LABELS = { audio: 'devices.mics', video: 'devices.cameras', output: 'devices.speaker' };

/** @param {{kind: keyof typeof LABELS, icon: string, class?: string}} props */
export function DeviceArrow({ kind, icon, class: name = 'arrow' }) {
  const [open, setOpen] = useState(false);
  const label = t(LABELS[kind]);
  async function toggle() {
    try {
      ({ DeviceMenu } = await import('./device-menu.js'));
      setOpen(!open);
    } catch {
      notify('error', t('notice.notLoaded'));
    }
  }
  return [
    h('button', {
      class: `${name} ${open ? 'open' : ''}`, type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': open, 'aria-label': label, onClick: toggle,
    }, h(Icon, { name: icon })),
    open && DeviceMenu && h(DeviceMenu, { kind, label, onClose: () => setOpen(false) }),
  ];
}
