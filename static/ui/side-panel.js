// The panel beside the stage: people or chat. On a phone it is a sheet over everything.

import { Chat } from './chat.js';
import { h, useLayoutEffect, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { changeSettings, settings, PANEL_WIDTH } from '../app/settings.js';
import { panel } from '../app/store.js';
import { People } from './people.js';
import { people } from '../app/roster.js';
import { t } from '../app/i18n.js';
import { togglePanel } from '../app/actions.js';

/** @typedef {PointerEvent & {currentTarget: HTMLElement}} Pointer */

/** How narrow the panel can be made, how far it is from the edge of the window, and what a key adds, CSS pixels. */
const MIN_WIDTH = 300;
const MARGIN = 8;
const STEP = 20;

export function SidePanel() {
  return panel.value ? h(OpenPanel, { open: panel.value }) : null;
}

/**
 * Gives the focus back to what had it before, if it is inside when the panel closes.
 * @param {{open: 'chat' | 'people'}} props
 */
function OpenPanel({ open }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const before = document.activeElement;
    const inside = element.current;
    return () => {
      const now = document.activeElement;
      if (before instanceof HTMLElement && (now === document.body || inside?.contains(now))) before.focus();
    };
  }, []);
  return h('aside', {
    ref: element, class: 'panel', 'aria-label': t(open === 'chat' ? 'toolbar.chat' : 'toolbar.people'), style: { '--panel-w': `${settings.value.panelWidth}px` },
  },
    h('header', {},
      h(Tabs, { open }),
      h('button', { class: 'btn plain icon s close', type: 'button', 'aria-label': t('panel.close'), onClick: () => togglePanel(open) },
        h(Icon, { name: 'x' }))),
    h('div', { class: 'body', role: 'tabpanel', id: 'panel', 'aria-labelledby': `tab-${open}` },
      open === 'chat' ? h(Chat, {}) : h(People, {})),
    h(Edge, {}));
}

/** By its edge the panel is made wider and narrower, with the pointer or the arrow keys; a double click gives it back its width. */
function Edge() {
  const { panelWidth } = settings.value;
  const rtl = document.documentElement.dir === 'rtl';
  const most = Math.max(MIN_WIDTH, Math.round(innerWidth / 2));
  /** @param {number} w */
  const resize = (w) => changeSettings({ panelWidth: Math.max(MIN_WIDTH, Math.min(Math.round(w), most)) });
  return h('div', {
    class: 'edge', role: 'separator', tabIndex: 0, 'aria-orientation': 'vertical', 'aria-label': t('panel.width'),
    'aria-valuenow': Math.min(panelWidth, most), 'aria-valuemin': MIN_WIDTH, 'aria-valuemax': most,
    onPointerDown: (/** @type {Pointer} */ e) => e.currentTarget.setPointerCapture(e.pointerId),
    onPointerMove: (/** @type {Pointer} */ e) => {
      if (e.currentTarget.hasPointerCapture(e.pointerId)) resize((rtl ? e.clientX : innerWidth - e.clientX) - MARGIN);
    },
    onDblClick: () => resize(PANEL_WIDTH),
    onKeyDown: (/** @type {KeyboardEvent} */ e) => {
      const step = { ArrowLeft: STEP, ArrowRight: -STEP }[e.key];
      if (!step) return;
      e.preventDefault();
      resize(panelWidth + (rtl ? -step : step));
    },
  });
}

/** @param {{open: 'chat' | 'people'}} props */
function Tabs({ open }) {
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  /** @param {'chat' | 'people'} which */
  const show = (which) => () => {
    if (open !== which) togglePanel(which);
  };
  /** @param {KeyboardEvent} e */
  function key(e) {
    if (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight') return;
    e.preventDefault();
    togglePanel(open === 'chat' ? 'people' : 'chat');
    const other = list.current?.querySelector('[aria-selected="false"]');
    if (other instanceof HTMLElement) other.focus();
  }
  /** @param {'chat' | 'people'} which */
  const tab = (which) => ({
    class: 'tab', type: /** @type {const} */ ('button'), role: /** @type {const} */ ('tab'), id: `tab-${which}`, 'aria-controls': 'panel',
    'aria-selected': open === which, tabIndex: open === which ? 0 : -1, onClick: show(which),
  });
  return h('div', { ref: list, role: 'tablist', class: 'tabs', 'aria-label': t('panel.label'), onKeyDown: key },
    h('button', tab('people'), t('toolbar.people'), h('span', { class: 'n' }, people.value.length)),
    h('button', tab('chat'), t('toolbar.chat')));
}
