// The settings. Everything acts at once. What is in a tab is its own file's business.

import { Dialog } from './dialog.js';
import { h, useRef, useState } from '../third-party/preact.js';
import { AboutSettings } from './settings-about.js';
import { AccessibilitySettings } from './settings-accessibility.js';
import { AudioSettings } from './settings-audio.js';
import { Icon } from './icon.js';
import { NetworkSettings } from './settings-network.js';
import { t } from '../app/i18n.js';
import { VideoSettings } from './settings-video.js';

/** @typedef {'audio' | 'video' | 'network' | 'accessibility' | 'about'} Tab */

/** @returns {{tab: Tab, icon: string, label: string, pane: () => import('../third-party/preact.js').ComponentChildren}[]} */
const tabs = () => [
  { tab: 'audio', icon: 'mic', label: t('settings.audio'), pane: AudioSettings },
  { tab: 'video', icon: 'video', label: t('settings.video'), pane: VideoSettings },
  { tab: 'network', icon: 'network', label: t('settings.network'), pane: NetworkSettings },
  { tab: 'accessibility', icon: 'accessibility', label: t('settings.accessibility'), pane: AccessibilitySettings },
  { tab: 'about', icon: 'info', label: t('settings.about'), pane: AboutSettings },
];

/** @param {{tab?: Tab}} props tab: the one that is open at first */
export function SettingsDialog({ tab = 'audio' }) {
  const [open, setOpen] = useState(tab);
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const all = tabs();
  const at = all.findIndex((x) => x.tab === open);
  /** @param {KeyboardEvent} e */
  function key(e) {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    const next = (to + all.length) % all.length;
    setOpen(all[next]?.tab ?? 'audio');
    const button = list.current?.children[next];
    if (button instanceof HTMLElement) button.focus();
  }
  const Pane = all[at]?.pane;
  return h(Dialog, { title: t('settings.title'), class: 'tabbed' },
    h('div', { class: 'tabs2' },
      h('div', { ref: list, class: 'tablist', role: 'tablist', 'aria-orientation': 'vertical', 'aria-label': t('settings.title'), onKeyDown: key }, all.map((x) => h('button', {
        key: x.tab, type: 'button', role: 'tab', id: `settings-${x.tab}`, 'aria-selected': x.tab === open, 'aria-controls': 'settings-pane', tabIndex: x.tab === open ? 0 : -1,
        onClick: () => setOpen(x.tab),
      }, h(Icon, { name: x.icon }), h('span', {}, x.label)))),
      h('div', { class: 'pane', id: 'settings-pane', role: 'tabpanel', tabIndex: 0, 'aria-labelledby': `settings-${open}` }, Pane && h(Pane, {}))));
}
