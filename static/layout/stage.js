// Geometry of one large picture with a strip of small ones beside or below it.

/** @typedef {import('./grid.js').Rect} Rect */

/** Size of a tile of the strip, CSS pixels. */
export const STRIP_W = 216;
export const STRIP_H = 122;

/**
 * @typedef {object} Stage
 * @property {Rect} main
 * @property {Rect[]} strip places for the tiles of one page, at most as many as asked for
 */

/**
 * The strip is on the right of a landscape area and at the bottom of a portrait one.
 * @param {{w: number, h: number, n: number, gap?: number}} area n: tiles that want a place in the strip
 * @returns {Stage}
 */
export function stage({ w, h, n, gap = 8 }) {
  if (n === 0) return { main: { x: 0, y: 0, w, h }, strip: [] };
  return w >= h ? beside({ w, h, n, gap }) : below({ w, h, n, gap });
}

/**
 * @param {{w: number, h: number, n: number, gap: number}} area
 * @returns {Stage}
 */
function beside({ w, h, n, gap }) {
  const stripW = Math.min(STRIP_W, Math.floor(w / 4));
  const stripH = Math.round(stripW * STRIP_H / STRIP_W);
  const fit = Math.max(1, Math.min(n, Math.floor((h + gap) / (stripH + gap))));
  const top = Math.max(0, Math.round((h - fit * stripH - (fit - 1) * gap) / 2));
  return {
    main: { x: 0, y: 0, w: w - stripW - gap, h },
    strip: Array.from({ length: fit }, (_, i) => ({
      x: w - stripW, y: top + i * (stripH + gap), w: stripW, h: stripH,
    })),
  };
}

/**
 * @param {{w: number, h: number, n: number, gap: number}} area
 * @returns {Stage}
 */
function below({ w, h, n, gap }) {
  const stripW = Math.floor((w - gap) / 2);
  const stripH = Math.round(Math.min(stripW * STRIP_H / STRIP_W, h / 3));
  const fit = Math.min(n, 2);
  const left = Math.round((w - fit * stripW - (fit - 1) * gap) / 2);
  return {
    main: { x: 0, y: 0, w, h: h - stripH - gap },
    strip: Array.from({ length: fit }, (_, i) => ({
      x: left + i * (stripW + gap), y: h - stripH, w: stripW, h: stripH,
    })),
  };
}
