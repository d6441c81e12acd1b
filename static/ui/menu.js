// Menus: arrow keys, Escape, and a click elsewhere.

import { h, useLayoutEffect, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';

/** @typedef {import('../third-party/preact.js').ComponentChildren} ComponentChildren */

/**
 * A menu that is open. Its first entry gets the focus; closing gives it back to what had it before.
 * @param {{label: string, onClose: () => void, class?: string, children?: ComponentChildren}} props
 */
export function Menu({ label, onClose, class: extra = '', children }) {
  const menu = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = menu.current;
    const checked = element?.querySelector('[aria-checked="true"]');
    const first = checked ?? element?.querySelector('[role^="menuitem"]');
    if (first instanceof HTMLElement) first.focus();
    /** @param {Event} e */
    function outside(e) {
      const inside = e.target instanceof Node && (element?.contains(e.target) || before?.contains(e.target));
      if (!inside) onClose();
    }
    document.addEventListener('pointerdown', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      if (before instanceof HTMLElement && (document.activeElement === document.body || element?.contains(document.activeElement))) before.focus();
    };
  }, []);

  /** @param {KeyboardEvent} e */
  function key(e) {
    const items = [...(menu.current?.querySelectorAll('[role^="menuitem"]') ?? [])];
    const at = document.activeElement ? items.indexOf(document.activeElement) : -1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[e.key];
    if (to !== undefined) {
      const item = items.at(to % items.length);
      if (item instanceof HTMLElement) item.focus();
    } else if (e.key === 'Escape' || e.key === 'Tab') {
      onClose();
    } else {
      return;
    }
    if (e.key !== 'Tab') e.preventDefault();
    e.stopPropagation();
  }

  return h('div', { ref: menu, class: `menu ${extra}`, role: 'menu', 'aria-label': label, onKeyDown: key }, children);
}

/**
 * @param {{icon: string, onClick: () => void, children?: ComponentChildren}} props
 */
export function MenuItem({ icon, onClick, children }) {
  return h('button', { type: 'button', role: 'menuitem', tabIndex: -1, onClick }, h(Icon, { name: icon }), children);
}

/**
 * One choice of several.
 * @param {{checked: boolean, onClick: () => void, children?: ComponentChildren}} props
 */
export function MenuChoice({ checked, onClick, children }) {
  return h('button', { type: 'button', role: 'menuitemradio', 'aria-checked': checked, tabIndex: -1, onClick },
    checked ? h(Icon, { name: 'check' }) : h('span', { class: 'nocheck' }), h('span', { class: 'cut grow' }, children));
}
