// The call: top bar, stage, panel, toolbar and the dialogs over them.

import { DialogLayer } from './dialog-layer.js';
import { h, useEffect } from '../third-party/preact.js';
import { keepAwake } from '../app/viewport.js';
import { may } from '../app/store.js';
import { sendFiles } from '../app/transfers.js';
import { SidePanel } from './side-panel.js';
import { Stage } from './stage.js';
import { Toolbar } from './toolbar.js';
import { TopBar } from './top-bar.js';
import { useFileDrop } from './files.js';

export function Call() {
  useEffect(keepAwake, []);
  // What is dropped beside everything must not take the page away.
  const [, drop] = useFileDrop((files) => { if (may('message')) sendFiles(files); });
  return h('div', { class: 'call', ...drop },
    h(TopBar, {}),
    h(Stage, {}),
    h(SidePanel, {}),
    h(Toolbar, {}),
    h(DialogLayer, {}));
}
