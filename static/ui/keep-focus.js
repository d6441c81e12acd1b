// The focus is not lost with what had it.

/** So many steps back: a dialog, the menu from which it came, and what that belongs to. */
const STEPS = 8;

/** Whenever what has the focus is taken away, what it was in gets it, or else what had it before: who types goes on from there. */
export function keepFocus() {
  /** @type {Element[][]} what has had the focus, with all that it was in; the latest first */
  let past = [];
  document.addEventListener('focusin', ({ target }) => {
    const path = [];
    for (let e = target instanceof Element ? target : null; e && e !== document.body; e = e.parentElement) path.push(e);
    past = [path, ...past].slice(0, STEPS);
  });
  new globalThis.MutationObserver(() => {
    if (document.activeElement !== document.body || !past[0]?.[0] || past[0][0].isConnected) return;
    const next = past.flat().find((e) => e.isConnected && e.matches('[tabindex], button'));
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}
