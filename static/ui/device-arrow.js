// The half of a split button that opens the list of devices. What it opens is loaded when it is first wanted.

import { h, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { notify } from '../app/notices.js';
import { t } from '../app/i18n.js';

/** @type {typeof import('./device-menu.js').DeviceMenu | undefined} */
let DeviceMenu;

/** @param {{kind: 'audio' | 'video', icon: string}} props */
export function DeviceArrow({ kind, icon }) {
  const [open, setOpen] = useState(false);
  const label = t(kind === 'audio' ? 'devices.mics' : 'devices.cameras');
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
      class: `arrow ${open ? 'open' : ''}`, type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': open, 'aria-label': label, onClick: toggle,
    }, h(Icon, { name: icon })),
    open && DeviceMenu && h(DeviceMenu, { kind, label, onClose: () => setOpen(false) }),
  ];
}
