// The chooser of the layout.

import { changeSettings, settings } from '../app/settings.js';
import { h, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { Menu, MenuCheck, MenuChoice, MenuItem, MenuLine } from './menu.js';
import { hiddenTiles, MODES, setHidden, setLayout } from '../app/view.js';
import { may } from '../app/store.js';
import { t } from '../app/i18n.js';

/** @type {Record<import('../app/view.js').Mode, () => string>} */
const NAMES = {
  auto: () => t('layout.auto'), grid: () => t('layout.grid'), sidebar: () => t('layout.sidebar'), spotlight: () => t('layout.spotlight'),
};

export function LayoutButton() {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return h('span', { class: 'menubox' },
    h('button', {
      class: 'btn plain s layout', type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': open, title: t('layout.label'), onClick: () => setOpen(!open),
    }, h(Icon, { name: 'layout-grid' }), h('span', { class: 'sr' }, t('layout.label')), ' ', h('span', { class: 'text' }, NAMES[settings.value.layout]?.() ?? t('layout.auto')), h(Icon, { name: 'chevron-down' })),
    open && h(Menu, { label: t('layout.label'), floating: true, onClose: close }, h(LayoutChoices, { close })));
}

/** @param {{close: () => void}} props */
export function LayoutChoices({ close }) {
  const { displayAll, hideSelf, layout } = settings.value;
  return [
    MODES.map((mode) => h(MenuChoice, { key: mode, checked: layout === mode, onClick: () => { setLayout(mode); close(); } }, NAMES[mode]())),
    h(MenuLine, {}),
    may('present') && [
      h(MenuCheck, { checked: !hideSelf, onClick: () => { changeSettings({ hideSelf: !hideSelf }); close(); } }, t('layout.showSelf')),
    ],
    h(MenuCheck, { checked: displayAll, onClick: () => { changeSettings({ displayAll: !displayAll }); close(); } }, t('layout.displayAll')),
    hiddenTiles.value.size > 0 && h(MenuItem, { icon: 'eye', onClick: () => { for (const key of hiddenTiles.value) setHidden(key, false); close(); } },
      t('layout.showHidden', { count: hiddenTiles.value.size })),
  ];
}
