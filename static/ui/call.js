// The call: top bar, stage, panel, toolbar and the dialogs over them.

import { DialogLayer } from './dialog-layer.js';
import { h, useEffect } from '../third-party/preact.js';
import { keepAwake } from '../app/viewport.js';
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
    h(DialogLayer, {}));
}
