// The call: top bar, stage, panel, toolbar and the dialogs over them.

import { dialog } from '../app/store.js';
import { h, useEffect } from '../third-party/preact.js';
import { keepAwake } from '../app/viewport.js';
import { RemoveDialog } from './remove.js';
import { SettingsDialog } from './settings.js';
import { SidePanel } from './side-panel.js';
import { Stage } from './stage.js';
import { Toolbar } from './toolbar.js';
import { TopBar } from './top-bar.js';

export function Call() {
  useEffect(keepAwake, []);
  return h('div', { class: 'call' },
    h(TopBar, {}),
    h(Stage, {}),
    h(SidePanel, {}),
    h(Toolbar, {}),
    dialog.value?.kind === 'settings' && h(SettingsDialog, {}),
    dialog.value?.kind === 'remove' && h(RemoveDialog, { user: dialog.value.user }));
}
