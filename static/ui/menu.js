// Menus: arrow keys, Escape, and a click elsewhere.

import { h, useLayoutEffect, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';

/** @typedef {import('../third-party/preact.js').ComponentChildren} ComponentChildren */

/** How far a floating menu stays from the edge of the window, CSS pixels. */
const MARGIN = 8;

/**
 * A menu that is open. Its first entry gets the focus; closing gives it back to what had it before.
 * @param {{label: string, onClose: () => void, class?: string, floating?: boolean, children?: ComponentChildren}} props
 *   floating: beside the element that it stands in, over whatever scrolls
 */
export function Menu({ label, onClose, class: extra = '', floating = false, children }) {
  const menu = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = menu.current;
    if (floating && element) {
      // Over everything, even where what it belongs to is clipped or moved.
      element.showPopover?.();
      place(element);
    }
    const checked = element?.querySelector('[role$="radio"][aria-checked="true"]');
    const first = checked ?? element?.querySelector('[role^="menuitem"]');
    if (first instanceof HTMLElement) first.focus();
    /** @param {Event} e */
    function outside(e) {
      // The button before it closes it by itself. It need not have had the focus: not every browser gives that to what is clicked.
      const inside = e.target instanceof Node && (element?.contains(e.target) || element?.previousElementSibling?.contains(e.target));
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

  return h('div', { ref: menu, class: `menu ${extra} ${floating ? 'floating' : ''}`, popover: floating ? 'manual' : undefined, role: 'menu', 'aria-label': label, onKeyDown: key }, children);
}

/**
 * Below its parent, at the end of it; above where there is no room below. Where there is none either it lies beside the panel, so that one
 * sees what it is of, or over its parent.
 * @param {HTMLElement} element
 */
function place(element) {
  const at = element.parentElement?.getBoundingClientRect();
  if (!at) return;
  const { offsetWidth: w, offsetHeight: hh } = element;
  const rtl = document.documentElement.dir === 'rtl';
  let left = rtl ? at.left : at.right - w;
  const below = at.bottom + 4;
  let top = below + hh + MARGIN <= innerHeight ? below : at.top - 4 - hh;
  const panel = element.closest('.panel')?.getBoundingClientRect();
  if (panel && top < MARGIN) {
    const beside = rtl ? panel.right + MARGIN : panel.left - MARGIN - w;
    if (beside >= MARGIN && beside + w + MARGIN <= innerWidth) [left, top] = [beside, at.top];
  }
  element.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - w - MARGIN))}px`;
  element.style.top = `${Math.max(MARGIN, Math.min(top, innerHeight - hh - MARGIN))}px`;
}

/**
 * @param {{icon: string, onClick: () => void, children?: ComponentChildren}} props
 */
export function MenuItem({ icon, onClick, children }) {
  return h('button', { type: 'button', role: 'menuitem', tabIndex: -1, onClick }, h(Icon, { name: icon }), children);
}

/** A line between groups of entries. */
export function MenuLine() {
  return h('hr', { role: 'separator' });
}

/**
 * One choice of several.
 * @param {{checked: boolean, onClick: () => void, children?: ComponentChildren}} props
 */
export function MenuChoice({ checked, onClick, children }) {
  return h('button', { type: 'button', role: 'menuitemradio', 'aria-checked': checked, tabIndex: -1, onClick },
    checked ? h(Icon, { name: 'check' }) : h('span', { class: 'nocheck' }), h('span', { class: 'cut grow' }, children));
}

/**
 * What is on or off.
 * @param {{checked: boolean, onClick: () => void, children?: ComponentChildren}} props
 */
export function MenuCheck({ checked, onClick, children }) {
  return h('button', { type: 'button', role: 'menuitemcheckbox', 'aria-checked': checked, tabIndex: -1, onClick },
    checked ? h(Icon, { name: 'check' }) : h('span', { class: 'nocheck' }), h('span', { class: 'cut grow' }, children));
}

/**
 * A button with three dots and the menu that it opens, over whatever scrolls.
 * @param {{label: string, class?: string, button?: string, open: boolean, setOpen: (open: boolean) => void, tabIndex?: number, children?: ComponentChildren}} props
 */
export function DotsMenu({ label, class: extra = '', button = 'btn plain icon s', open, setOpen, tabIndex, children }) {
  return h('span', { class: `menubox ${extra}` },
    h('button', {
      class: button, type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': open, 'aria-label': label, tabIndex, onClick: () => setOpen(!open),
    }, h(Icon, { name: 'ellipsis' })),
    open && h(Menu, { label, floating: true, onClose: () => setOpen(false) }, children));
}
