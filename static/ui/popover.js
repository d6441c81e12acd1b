// Small windows that open beside a button, over everything.

import { h, useLayoutEffect, useRef } from '../third-party/preact.js';

/**
 * A small window that belongs to the element that it stands in. Escape, Tab out of it or a click elsewhere closes it.
 * @param {{label: string, onClose: () => void, class?: string, children?: import('../third-party/preact.js').ComponentChildren}} props
 */
export function Popover({ label, onClose, class: extra = '', children }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const before = document.activeElement;
    element.showPopover?.();
    place(element);
    const first = element.querySelector('input, button');
    (first instanceof HTMLElement ? first : element).focus();
    /** @param {Event} e */
    const outside = (e) => {
      if (!(e.target instanceof Node && element.parentElement?.contains(e.target))) onClose();
    };
    document.addEventListener('pointerdown', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      if (before instanceof HTMLElement && (document.activeElement === document.body || element.contains(document.activeElement))) before.focus();
    };
  }, []);
  /** @param {KeyboardEvent} e */
  function key(e) {
    e.stopPropagation();
    if (e.key !== 'Escape') return;
    e.preventDefault();
    onClose();
  }
  /** @param {FocusEvent} e */
  function left(e) {
    if (e.relatedTarget instanceof Node && !box.current?.parentElement?.contains(e.relatedTarget)) onClose();
  }
  return h('div', { ref: box, class: `popover ${extra}`, popover: 'manual', role: 'dialog', 'aria-label': label, tabIndex: -1, onKeyDown: key, onFocusOut: left,
    onDblClick: (/** @type {Event} */ e) => e.stopPropagation() }, children);
}

/** How far it stays from the edge of the window, CSS pixels. */
const MARGIN = 8;

/**
 * Below what it belongs to, above it where there is no room below.
 * @param {HTMLElement} element
 */
function place(element) {
  const at = element.parentElement?.getBoundingClientRect();
  if (!at) return;
  const { offsetWidth: w, offsetHeight: hh } = element;
  const left = document.documentElement.dir === 'rtl' ? at.left : at.right - w;
  const below = at.bottom + 4;
  const top = below + hh + MARGIN <= innerHeight ? below : at.top - 4 - hh;
  element.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - w - MARGIN))}px`;
  element.style.top = `${Math.max(MARGIN, Math.min(top, innerHeight - hh - MARGIN))}px`;
}
