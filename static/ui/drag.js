// Pictures that are dragged, and pages that are swiped.

import { changeSettings } from '../app/settings.js';
import { nearestCorner } from '../layout/arrange.js';
import { page } from '../app/store.js';
import { useLayoutEffect, useRef } from '../third-party/preact.js';

/** How far a pointer has to go before it means to drag, CSS pixels. */
const SLACK = 6;
/** How far a finger has to go to turn the page, CSS pixels. */
const SWIPE = 56;

/**
 * Handlers of a tile that can be dragged to a corner of the stage.
 * @param {{current: HTMLElement | null}} element
 * @param {boolean} enabled
 */
export function useDrag(element, enabled) {
  const from = useRef(/** @type {{x: number, y: number, moved: boolean} | null} */ (null));
  useLayoutEffect(() => {
    // What has no corner any more is dragged no further, and lies where it belongs.
    if (enabled) return;
    from.current = null;
    if (element.current) element.current.style.translate = '';
  }, [enabled]);
  if (!enabled) return {};
  /** @param {PointerEvent} e */
  const begin = (e) => {
    if (e.button !== 0 || (e.target instanceof Element && e.target.closest('button, .menu, .popover'))) return;
    from.current = { x: e.clientX, y: e.clientY, moved: false };
    // A fast pointer is out of the picture before its first move is told.
    element.current?.setPointerCapture(e.pointerId);
  };
  /** @param {PointerEvent} e */
  const move = (e) => {
    const start = from.current;
    const tile = element.current;
    if (!start || !tile) return;
    const [dx, dy] = [e.clientX - start.x, e.clientY - start.y];
    if (!start.moved && Math.hypot(dx, dy) < SLACK) return;
    start.moved = true;
    tile.style.translate = `${dx}px ${dy}px`;
  };
  /** @param {PointerEvent} e */
  const end = (e) => {
    const start = from.current;
    const tile = element.current;
    from.current = null;
    if (!start?.moved || !tile) return;
    const box = tile.getBoundingClientRect();
    const stage = tile.parentElement?.getBoundingClientRect();
    tile.style.translate = '';
    if (e.type === 'pointercancel' || !stage) return;
    const at = { x: box.left + box.width / 2 - stage.left, y: box.top + box.height / 2 - stage.top, w: stage.width, h: stage.height };
    changeSettings({ selfCorner: nearestCorner({ ...at, rtl: document.documentElement.dir === 'rtl' }) });
  };
  return { onPointerDown: begin, onPointerMove: move, onPointerUp: end, onPointerCancel: end };
}

/**
 * Handlers of a stage whose pages are turned by a finger.
 * @param {{page: number, pages: number}} shown
 */
export function useSwipe({ page: at, pages }) {
  const from = useRef(/** @type {{x: number, y: number} | null} */ (null));
  return {
    /** @param {TouchEvent} e */
    onTouchStart: (e) => {
      const [touch] = e.touches;
      const own = e.target instanceof Element && e.target.closest('.float, button, input');
      from.current = touch && e.touches.length === 1 && !own ? { x: touch.clientX, y: touch.clientY } : null;
    },
    /** @param {TouchEvent} e */
    onTouchEnd: (e) => {
      const [touch] = e.changedTouches;
      const start = from.current;
      from.current = null;
      if (!touch || !start) return;
      const [dx, dy] = [touch.clientX - start.x, touch.clientY - start.y];
      if (Math.abs(dx) < SWIPE || Math.abs(dx) < 2 * Math.abs(dy)) return;
      const forward = (dx < 0) !== (document.documentElement.dir === 'rtl');
      page.value = Math.max(0, Math.min(pages - 1, at + (forward ? 1 : -1)));
    },
  };
}
