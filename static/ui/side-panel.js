// The panel beside the stage: people or chat. On a phone it is a sheet over everything.

import { Chat } from './chat.js';
import { h, useLayoutEffect, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { panel } from '../app/store.js';
import { People } from './people.js';
import { people } from '../app/roster.js';
import { t } from '../app/i18n.js';
import { togglePanel } from '../app/actions.js';

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
  return h('aside', { ref: element, class: 'panel', 'aria-label': t(open === 'chat' ? 'toolbar.chat' : 'toolbar.people') },
    h('header', {},
      h(Tabs, { open }),
      h('button', { class: 'btn plain icon s close', type: 'button', 'aria-label': t('panel.close'), onClick: () => togglePanel(open) },
        h(Icon, { name: 'x' }))),
    h('div', { class: 'body', role: 'tabpanel', id: 'panel', 'aria-labelledby': `tab-${open}` },
      open === 'chat' ? h(Chat, {}) : h(People, {})));
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
